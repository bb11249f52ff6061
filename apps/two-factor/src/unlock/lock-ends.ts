import { Inject, Injectable } from '@nestjs/common';
import type { AccountRef } from '#libs/contracts/src/stream.js';
import type { Engine, Records } from '#libs/engine/src/port.js';
import { allRecords, updateRecord } from '#libs/engine/src/records.js';
import { ENGINE } from '#libs/platform/src/tokens.js';

const PAGE = 200;
const SOON_MS = 30_000;

/** Locks that end by themselves, and when (R38): noted before the lock is recorded, so that none is forgotten. */
@Injectable()
export class LockEnds {
  private readonly notes: Records<number>;

  constructor(@Inject(ENGINE) engine: Pick<Engine, 'records'>) {
    this.notes = engine.records('lock-ends');
  }

  /** In milliseconds. Of several attempts at once one locks: none of the others may put its end off. */
  async note({ portal, accountId }: AccountRef, endsAt: number, now: number): Promise<void> {
    await updateRecord(this.notes, [portal, accountId], (noted = -Infinity) => {
      // what is due, by any clock, is of an earlier lock, and about to go
      const stands = noted > now + SOON_MS && noted <= endsAt;
      return stands ? undefined : endsAt;
    });
  }

  /**
   * Ends those that are due; a note goes when its lock has ended, however. How many there were. `end` answers when the account's
   * lock is to end that is still there, by its clock; null: there is none.
   */
  async endDue(now: number, end: (account: AccountRef) => Promise<number | null>): Promise<number> {
    let ended = 0;
    const failures: unknown[] = [];
    for await (const { key, value: noted } of allRecords(this.notes, { page: PAGE })) {
      if (noted > now) continue;
      try {
        const endsAt = await end({ portal: String(key[0]), accountId: String(key[1]) });
        if (endsAt !== null) await this.notes.replace(key, noted, endsAt);
        else if (await this.notes.remove(key, noted)) ended += 1;
      } catch (error) {
        // one that cannot be ended keeps none of the others locked
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
    return ended;
  }
}
