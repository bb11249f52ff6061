import { Inject, Injectable } from '@nestjs/common';
import type { AccountRef } from '#libs/contracts/src/stream.js';
import type { Engine, Records } from '#libs/engine/src/port.js';
import { allRecords } from '#libs/engine/src/records.js';
import { ENGINE } from '#libs/platform/src/tokens.js';

const PAGE = 200;

/** Locks that end by themselves, and when (R38): noted before the lock is recorded, so that none is forgotten. */
@Injectable()
export class LockEnds {
  private readonly notes: Records<number>;

  constructor(@Inject(ENGINE) engine: Pick<Engine, 'records'>) {
    this.notes = engine.records('lock-ends');
  }

  /** `endsAt` in milliseconds. */
  async note({ portal, accountId }: AccountRef, endsAt: number): Promise<void> {
    await this.notes.put([portal, accountId], endsAt);
  }

  /** Ends those that are due; a note goes when its lock has ended, however. How many there were. */
  async endDue(now: number, end: (account: AccountRef) => Promise<void>): Promise<number> {
    let ended = 0;
    for await (const { key, value: endsAt } of allRecords(this.notes, { page: PAGE })) {
      if (endsAt > now) continue;
      await end({ portal: String(key[0]), accountId: String(key[1]) });
      // of a later lock it is another
      if (await this.notes.remove(key, endsAt)) ended += 1;
    }
    return ended;
  }
}
