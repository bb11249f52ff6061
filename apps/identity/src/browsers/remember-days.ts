import { Inject, Injectable } from '@nestjs/common';
import type { Engine, Records } from '#libs/engine/src/port.js';
import { updateRecord } from '#libs/engine/src/records.js';
import { ENGINE } from '#libs/platform/src/tokens.js';

export const REMEMBER_DAYS = 'remember-days';
const DAY_MS = 86_400_000;

interface Remembering {
  readonly days: number;
  /** Milliseconds: browsers that were remembered before have ended, also when there are more days again. */
  readonly endedBefore: number;
  readonly version: number;
}

/** For how many days each portal has browsers remembered (R39), adopted from admin-policy. */
@Injectable()
export class RememberDays {
  private readonly records: Records<Remembering>;

  constructor(@Inject(ENGINE) engine: Pick<Engine, 'records'>) {
    this.records = engine.records(REMEMBER_DAYS);
  }

  async of(portal: string): Promise<number> {
    return (await this.records.get([portal]))?.days ?? 0;
  }

  /** When a browser that was remembered then ends, milliseconds; null: it has ended. */
  async endOf(portal: string, rememberedAt: number, now: number): Promise<number | null> {
    const { days, endedBefore } = (await this.records.get([portal])) ?? { days: 0, endedBefore: 0 };
    const endsAt = rememberedAt + days * DAY_MS;
    return rememberedAt > endedBefore && now < endsAt ? endsAt : null;
  }

  /** `at`: when it was set, milliseconds. An older event changes nothing. */
  async adopt(portal: string, version: number, days: number, at: number): Promise<void> {
    await updateRecord(this.records, [portal], (present) =>
      (present?.version ?? 0) >= version ? undefined : { days, version, endedBefore: endedBy(present, days, at) },
    );
  }
}

/** What the days of before have ended by then has ended, and so has what the new ones end. */
const endedBy = (present: Remembering | undefined, days: number, at: number): number =>
  Math.max(present?.endedBefore ?? 0, at - Math.min(days, present?.days ?? 0) * DAY_MS);
