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
    await this.records.put([portal, hour, event.id], { accountId, at: event.time });
    await this.queue.add([`locks/${portal}/${hour}`, ''], { portal, hour }, endOf(hour));
    await this.queue.remember(gathered, 'sent');
  }

  /** What that hour's mail says. */
  async told({ portal, hour }: LocksOfHour): Promise<NewsOf<'accounts-locked'>> {
    const locks: LockTold[] = [];
    for await (const { value } of this.of(portal, hour)) locks.push(value);
    locks.sort((one, other) => one.at.localeCompare(other.at));
    const named = locks.slice(0, NAMED_AT_MOST);
    return { kind: 'accounts-locked', locks: named, more: locks.length - named.length };
  }

  async forget({ portal, hour }: LocksOfHour): Promise<void> {
    for await (const { key } of this.of(portal, hour)) await this.records.delete(key);
  }

  private of(portal: string, hour: number) {
    return allRecords(this.records, { page: PAGE, prefix: [portal, hour] });
  }
}

const endOf = (hour: number): number => (hour + 1) * HOUR_MS + GRACE_MS;
