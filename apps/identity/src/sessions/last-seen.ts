import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';
import type { AccountRef } from '#libs/contracts/src/stream.js';
import { lruOf } from '#libs/engine/src/lru.js';
import type { Engine, Key, Records } from '#libs/engine/src/port.js';
import { updateRecord } from '#libs/engine/src/records.js';
import type { Clock } from '#libs/platform/src/clock.js';
import { CLOCK, ENGINE, LOGGER } from '#libs/platform/src/tokens.js';

export const LAST_SEEN = 'sessions-last-seen';
const MINUTE_MS = 60_000;
const REMEMBERED = 20_000;

export interface SeenSession extends AccountRef {
  readonly sessionId: string;
  /** Milliseconds. */
  readonly beganAt: number;
}

/** When each session was last used, to the minute (R44): written beside the sessions, and never on the way of an answer. */
@Injectable()
export class LastSeen implements OnApplicationShutdown {
  private readonly records: Records<number>;
  private readonly noted: LRUCache<string, number> = lruOf(REMEMBERED);
  private readonly underWay = new Set<Promise<void>>();

  constructor(
    @Inject(ENGINE) engine: Engine,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Pick<Logger, 'warn'>,
  ) {
    this.records = engine.records(LAST_SEEN);
  }

  /** Returns at once. Written once a minute at most, whichever instance sees it; what fails is tried again when it is next used. */
  note(session: SeenSession): void {
    const { sessionId } = session;
    const minute = minuteOf(this.clock());
    if (minute <= (this.noted.get(sessionId) ?? minuteOf(session.beganAt))) return;
    this.noted.set(sessionId, minute);
    const write: Promise<void> = updateRecord(this.records, seenKey(session), (present = 0) =>
      present >= minute ? undefined : minute,
    )
      .catch((err: unknown) => {
        this.noted.delete(sessionId);
        this.logger.warn({ err }, 'the last use of a session was not written');
      })
      .then(() => void this.underWay.delete(write));
    this.underWay.add(write);
  }

  /** Milliseconds, the beginning of a minute. */
  async of(session: SeenSession): Promise<number> {
    return (await this.records.get(seenKey(session))) ?? minuteOf(session.beganAt);
  }

  /** Resolves when nothing is being written. */
  async settled(): Promise<void> {
    while (this.underWay.size > 0) await Promise.all(this.underWay);
  }

  onApplicationShutdown(): Promise<void> {
    return this.settled();
  }
}

export const seenKey = ({ portal, accountId, sessionId }: AccountRef & { readonly sessionId: string }): Key => [
  portal,
  accountId,
  sessionId,
];
const minuteOf = (at: number): number => Math.floor(at / MINUTE_MS) * MINUTE_MS;
