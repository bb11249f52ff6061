import { Inject, Injectable } from '@nestjs/common';
import type { Engine, Key, Records } from '#libs/engine/src/port.js';
import { updateRecord } from '#libs/engine/src/records.js';
import type { Clock } from '#libs/platform/src/clock.js';
import { CLOCK, ENGINE } from '#libs/platform/src/tokens.js';
import type { Mail, MailId } from './mail-queue.js';

/** Mails about an account in a day (UTC) to its address, and as many to the one of before. */
export const MAILS_A_DAY = 20;
const DAY_MS = 86_400_000;
const PAGE = 500;

/** Whoever makes news of an account again and again, or moves its address about, floods nobody's mailbox (R40). */
@Injectable()
export class DailyLimit {
  /** What was mailed, by day, portal, account and to whom. */
  private readonly records: Records<readonly string[]>;
  private today: number | undefined;

  constructor(
    @Inject(ENGINE) engine: Engine,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    this.records = engine.records('mailed-by-day');
  }

  /** Counts a mail, once however often it is tried. Answers whether it may be sent, and whether it is the last one that day. */
  async count([about, to]: MailId, { portal, account }: Mail): Promise<'sendable' | 'last' | 'too-many'> {
    const day = Math.floor(this.clock() / DAY_MS);
    if (day !== this.today) await this.forgetBefore(day);
    this.today = day;
    const key: Key = [day, portal, account, to];
    const written = await updateRecord(this.records, key, (present = []) =>
      present.includes(about) || present.length >= MAILS_A_DAY ? undefined : [...present, about],
    );
    const counted = written ?? (await this.records.get(key)) ?? [];
    if (!counted.includes(about)) return 'too-many';
    return counted.indexOf(about) === MAILS_A_DAY - 1 ? 'last' : 'sendable';
  }

  private async forgetBefore(day: number): Promise<void> {
    for (;;) {
      const old = (await this.records.list({ limit: PAGE })).filter(({ key }) => Number(key[0]) < day);
      if (old.length === 0) return;
      await this.records.write(old.map(({ key }) => ({ delete: key })));
    }
  }
}
