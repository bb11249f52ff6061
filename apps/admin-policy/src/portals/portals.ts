import { allRecords } from '#libs/engine/src/records.js';
import { Inject, Injectable } from '@nestjs/common';
import { Problem } from '#libs/contracts/src/problems.js';
import type { Engine, Records } from '#libs/engine/src/port.js';
import { ENGINE } from '#libs/platform/src/tokens.js';

/** Read at once where most are passed over. */
const BATCH = 500;

interface Page {
  readonly query?: string | undefined;
  readonly after?: string | undefined;
  readonly limit: number;
}

/** The portals that exist, adopted from identity, which makes them. */
@Injectable()
export class Portals {
  private readonly records: Records<true>;

  constructor(@Inject(ENGINE) engine: Engine) {
    this.records = engine.records('portals');
  }

  async adopt(portal: string): Promise<void> {
    await this.records.put([portal], true);
  }

  async exists(portal: string): Promise<boolean> {
    return (await this.records.get([portal])) === true;
  }

  /** @throws Problem `not-found` */
  async mustExist(portal: string): Promise<void> {
    if (!(await this.exists(portal))) throw new Problem('not-found', 'No such portal.');
  }

  /** Ids in order that hold `query`, in any case, at most `limit`; `next` is null on the last page. */
  async page({ query = '', after, limit }: Page): Promise<{ ids: string[]; next: string | null }> {
    const wanted = query.toLowerCase();
    const batch = wanted === '' ? limit + 1 : BATCH;
    const ids: string[] = [];
    for await (const { key } of allRecords(this.records, { page: batch, ...(after && { after: [after] }) })) {
      const id = String(key[0]);
      if (!id.includes(wanted)) continue;
      if (ids.length === limit) return { ids, next: ids.at(-1) ?? null };
      ids.push(id);
    }
    return { ids, next: null };
  }

  /** They are adopted again from identity's log. */
  async clear(): Promise<void> {
    await this.records.clear();
  }
}
