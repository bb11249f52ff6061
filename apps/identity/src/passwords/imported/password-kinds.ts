import { Inject, Injectable } from '@nestjs/common';
import type { Engine, Records } from '#libs/engine/src/port.js';
import { allRecords, updateRecord } from '#libs/engine/src/records.js';
import type { Clock } from '#libs/platform/src/clock.js';
import { CLOCK, ENGINE } from '#libs/platform/src/tokens.js';
import { PasswordStore } from '../password-store.js';
import { type Kinds, withWork, type Work } from './work.js';

interface KindsOfPortal {
  readonly kinds: Kinds;
  /** Milliseconds: until a while later, hashes of these kinds may still be about to be stored. */
  readonly addedAt: number;
}

/** Everybody who logs in there waits for them all. */
export const MOST_KINDS = 8;
/** An import that goes on says so again. */
const SAY_AGAIN_MS = 60_000;
/** Hardly a line takes as long from its kind to its hash. */
const QUIET_MS = 3_600_000;

/** Which kinds of imported hashes each portal has (R15): noted before the first hash of a kind is stored, and until there is none. */
@Injectable()
export class PasswordKinds {
  private readonly portals: Records<KindsOfPortal>;

  constructor(
    @Inject(ENGINE) engine: Pick<Engine, 'records'>,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly passwords: PasswordStore,
  ) {
    this.portals = engine.records('password-kinds');
  }

  async of(portal: string): Promise<Kinds> {
    return (await this.portals.get([portal]))?.kinds ?? {};
  }

  /** Before a hash of it is stored. False: the portal has too many kinds already. */
  async add(portal: string, work: Work): Promise<boolean> {
    let room = true;
    await updateRecord(this.portals, [portal], (present) => {
      const kinds = withWork(present?.kinds ?? {}, work);
      room = hasRoom(kinds);
      const isSaid = present !== undefined && Math.abs(this.clock() - present.addedAt) < SAY_AGAIN_MS;
      return !room || (isSaid && kinds === present.kinds) ? undefined : { kinds, addedAt: this.clock() };
    });
    return room;
  }

  /** Forgets what no hash has any more, in portals where none has been imported for an hour. */
  async recount(): Promise<void> {
    for await (const { key, value: before } of allRecords(this.portals, { page: 100 })) {
      if (Math.abs(this.clock() - before.addedAt) < QUIET_MS) continue;
      let kinds: Kinds = {};
      for await (const work of this.passwords.workIn(String(key[0]))) kinds = withWork(kinds, work);
      if (Object.keys(kinds).length === 0) await this.portals.remove(key, before);
      else if (isLess(kinds, before.kinds)) await this.portals.replace(key, before, { ...before, kinds });
    }
  }
}

/** A portal may have them all. */
export const hasRoom = (kinds: Kinds): boolean => Object.keys(kinds).length <= MOST_KINDS;

const isLess = (now: Kinds, before: Kinds): boolean =>
  Object.entries(before).some(([kind, { cost }]) => (now[kind]?.cost ?? 0) < cost);
