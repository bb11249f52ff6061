import pMap from 'p-map';
import type { AccountRef } from '#libs/contracts/src/stream.js';
import type { Engine, Records } from '#libs/engine/src/port.js';
import { allRecords, updateRecord } from '#libs/engine/src/records.js';

export interface LastLogin extends AccountRef {
  /** Milliseconds. */
  readonly at: number;
}

const PAGE = 500;
const SIDE_BY_SIDE = 64;

/** When each account logged in last, kept from the log once a minute: no login waits for it. */
export class LastLogins {
  private readonly records: Records<number>;

  constructor(engine: Pick<Engine, 'records'>) {
    this.records = engine.records('last-logins');
  }

  async keep(logins: readonly LastLogin[]): Promise<void> {
    const keep = ({ portal, accountId, at }: LastLogin) =>
      updateRecord(this.records, [portal, accountId], (present = 0) => (present >= at ? undefined : at));
    await pMap(logins, keep, { concurrency: SIDE_BY_SIDE });
  }

  async each(take: (login: LastLogin) => void): Promise<void> {
    for await (const { key, value: at } of allRecords(this.records, { page: PAGE })) {
      take({ portal: String(key[0]), accountId: String(key[1]), at });
    }
  }

  async delete({ portal, accountId }: AccountRef): Promise<void> {
    await this.records.delete([portal, accountId]);
  }

  async clear(): Promise<void> {
    await this.records.clear();
  }
}
