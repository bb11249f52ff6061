import type { Erasures, Records } from '../../port.js';
import { allRecords } from '../../records.js';

const PAGE = 1_000;

/** Records in a collection of their own, which a backup is to leave out. */
export class MongoErasures implements Erasures {
  constructor(private readonly records: Records<number>) {}

  add(portal: string, account: string): Promise<void> {
    return this.records.put([portal, account], 1);
  }

  async *all(): AsyncGenerator<readonly [string, string]> {
    for await (const { key } of allRecords(this.records, { page: PAGE })) yield [String(key[0]), String(key[1])];
  }
}
