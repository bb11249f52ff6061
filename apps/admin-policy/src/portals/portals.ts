import { Inject, Injectable } from '@nestjs/common';
import { Problem } from '#libs/contracts/src/problems.js';
import type { Engine, Records } from '#libs/engine/src/port.js';
import { ENGINE } from '#libs/platform/src/tokens.js';

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

  /** @throws Problem `not-found` */
  async mustExist(portal: string): Promise<void> {
    if (!(await this.records.get([portal]))) throw new Problem('not-found', 'No such portal.');
  }

  /** Ids in order, at most `limit`; `next` is null on the last page. */
  async page(after: string | undefined, limit: number): Promise<{ ids: string[]; next: string | null }> {
    const found = await this.records.list({ ...(after !== undefined && { after: [after] }), limit: limit + 1 });
    const ids = found.slice(0, limit).map(({ key }) => String(key[0]));
    return { ids, next: found.length > limit ? (ids.at(-1) ?? null) : null };
  }

  /** They are adopted again from identity's log. */
  async clear(): Promise<void> {
    await this.records.clear();
  }
}
