import { Inject, Injectable } from '@nestjs/common';
import type { Engine, Records } from '#libs/engine/src/port.js';
import { allRecords } from '#libs/engine/src/records.js';
import type { Clock } from '#libs/platform/src/clock.js';
import { CLOCK, ENGINE } from '#libs/platform/src/tokens.js';
import type { LockTold, NewsOf } from '../news/news.js';
import { type LocksOfHour, type Mail, type MailId, MailQueue } from './mail-queue.js';

const HOUR_MS = 3_600_000;
/** After the end of the hour: what is gathered at its last moment is in it. */
const GRACE_MS = 60_000;
/** So many are named in one mail. */
const NAMED_AT_MOST = 50;
const PAGE = 500;

export type Gathered = ReadonlyMap<string, LockTold>;

/** Locks of a portal's accounts, by the hour: its administrators get one mail for a burst of them (R40). */
@Injectable()
export class GatheredLocks {
  private readonly records: Records<LockTold>;

  constructor(
    @Inject(ENGINE) engine: Engine,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly queue: MailQueue,
  ) {
    this.records = engine.records('gathered-locks');
  }

  /** Once for each event. */
  async gather({ event, portal, account: accountId }: Mail): Promise<void> {
    const gathered: MailId = [event.id, 'administrators'];
    if (await this.queue.has(gathered)) return;
    const hour = Math.floor(this.clock() / HOUR_MS);
    await this.keep({ portal, hour }, event.id, { accountId, at: event.time });
    await this.queue.remember(gathered, 'sent');
  }

  /** By the ids of their events. */
  async of({ portal, hour }: LocksOfHour): Promise<Gathered> {
    const locks = new Map<string, LockTold>();
    for await (const { key, value } of this.stored({ portal, hour })) locks.set(String(key[2]), value);
    return locks;
  }

  /** When the hour's mail is done: those that it told of are forgotten, those that came meanwhile go with the next. */
  async settle({ portal, hour }: LocksOfHour, told: Gathered): Promise<void> {
    for await (const { key, value } of this.stored({ portal, hour })) {
      const eventId = String(key[2]);
      if (!told.has(eventId)) await this.keep({ portal, hour: hour + 1 }, eventId, value);
      await this.records.delete(key);
    }
  }

  /** With the first hour from that one on whose mail is not done: it may be, where a clock is behind or was set back. */
  private async keep({ portal, hour }: LocksOfHour, eventId: string, lock: LockTold): Promise<void> {
    const key = [portal, hour, eventId];
    await this.records.put(key, lock);
    if (await this.queue.add([`locks/${portal}/${hour}`, ''], { portal, hour }, endOf(hour))) return;
    await this.keep({ portal, hour: hour + 1 }, eventId, lock);
    await this.records.delete(key);
  }

  private stored({ portal, hour }: LocksOfHour) {
    return allRecords(this.records, { page: PAGE, prefix: [portal, hour] });
  }
}

/** What the mail of an hour says. */
export function newsOfLocks(gathered: Gathered): NewsOf<'accounts-locked'> {
  const locks = [...gathered.values()].sort((one, other) => one.at.localeCompare(other.at));
  const named = locks.slice(0, NAMED_AT_MOST);
  return { kind: 'accounts-locked', locks: named, more: locks.length - named.length };
}

const endOf = (hour: number): number => (hour + 1) * HOUR_MS + GRACE_MS;
