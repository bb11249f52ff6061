import { randomUUID } from 'node:crypto';
import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import pMap from 'p-map';
import type { Logger } from 'pino';
import { twoFactorEvents } from '#libs/contracts/src/events/two-factor.js';
import { Lease } from '#libs/engine/src/lease.js';
import type { Engine } from '#libs/engine/src/port.js';
import { isOutage, outline } from '#libs/messaging/src/failures.js';
import type { AppBus } from '#libs/messaging/src/port.js';
import type { Clock } from '#libs/platform/src/clock.js';
import { Metrics } from '#libs/platform/src/observing/metrics.js';
import { Repeated } from '#libs/platform/src/running/repeated.js';
import { APP_BUS, CLOCK, ENGINE, LOGGER } from '#libs/platform/src/tokens.js';
import { NotTaken } from '../smtp/mailer.js';
import { DailyLimit } from './daily-limit.js';
import { GatheredLocks, newsOfLocks } from './gathered-locks.js';
import { type DueMail, type LocksOfHour, type Mail, MailQueue, type Outcome } from './mail-queue.js';
import { Postman } from './postman.js';

const LOOK_EVERY_MS = 1_000;
const LEASE_MS = 15_000;
const PAGE = 50;
/** Connections to the mail server at a time. */
const SIDE_BY_SIDE = 5;
/** While the mail server is away, it is asked again after that, and then at twice the distance. */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 5 * 60_000;
/** The same of one mail that cannot be sent. */
const FIRST_DELAY_MS = 60_000;
const LONGEST_DELAY_MS = 60 * 60_000;
/** So long a mail is tried. */
const PATIENCE_MS = 24 * 60 * 60_000;

/**
 * Sends what is due, one process at a time. A mail that is refused or delayed, or at which the mail server stops talking, holds up
 * no other; while the mail server, or who can say who it goes to, is away, all wait and one is tried now and then. After a day a
 * mail is a dead letter (R40).
 */
@Injectable()
export class Sender implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly looking = new Repeated(
    () => this.look(),
    LOOK_EVERY_MS,
    (error) => this.logger.warn({ error: outline(error) }, 'mails cannot be sent now; retrying'),
  );
  private readonly lease: Lease | undefined;
  private readonly holder = randomUUID();
  private readonly renewing: Repeated;
  private mayUntil = Infinity;
  /** Whose mail failed last as it would if all did; undefined: the server has answered since. */
  private failing: string | undefined;
  private away: { readonly reason: string; readonly pauseMs: number; readonly until: number } | undefined;
  private givenUp = 0;
  private stopping = false;

  constructor(
    private readonly queue: MailQueue,
    private readonly locks: GatheredLocks,
    private readonly postman: Postman,
    private readonly limit: DailyLimit,
    private readonly metrics: Metrics,
    @Inject(ENGINE) engine: Engine,
    @Inject(APP_BUS) private readonly bus: Pick<AppBus, 'deadLetters'>,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    // where nobody else can have the store open, nobody else sends
    if (engine.log.shared) {
      this.lease = new Lease(engine.records('lease'), ['sender']);
      this.mayUntil = 0;
    }
    this.renewing = new Repeated(
      () => this.renew(),
      LEASE_MS / 5,
      () => (this.mayUntil = 0),
    );
  }

  onApplicationBootstrap(): void {
    if (this.lease) {
      this.renewing.turn();
      this.renewing.start();
    }
    this.looking.start();
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopping = true;
    await Promise.all([this.looking.stop(), this.renewing.stop()]);
    await this.lease?.release(this.holder).catch(() => 'it passes by itself');
  }

  /** There is something new. */
  wake(): void {
    if (!this.stopping) this.looking.turn();
  }

  private async renew(): Promise<void> {
    const asked = performance.now();
    this.mayUntil = (await this.lease!.take(this.holder, LEASE_MS)) ? asked + LEASE_MS : 0;
  }

  private get may(): boolean {
    return !this.stopping && performance.now() < this.mayUntil;
  }

  private async look(): Promise<void> {
    while (this.may && !this.isPausing()) {
      const due = await this.queue.due(this.away ? 1 : PAGE);
      if (due.length === 0) return;
      await pMap(due, (one) => this.attempt(one), { concurrency: SIDE_BY_SIDE });
      if (this.isPausing()) await this.giveUpOld();
    }
  }

  /** A clock that was set back holds up nothing. */
  private isPausing(): boolean {
    const left = (this.away?.until ?? 0) - this.clock();
    return left > 0 && left <= LONGEST_PAUSE_MS;
  }

  private async attempt(due: DueMail): Promise<void> {
    // it went while others of its round were tried
    if (!this.may || this.isPausing()) return;
    const { id, mail } = due;
    try {
      if ('hour' in mail) return await this.distribute(due, mail);
      // those of locks are few by themselves
      const counted = mail.news.kind === 'accounts-locked' ? 'sendable' : await this.limit.count(id, mail);
      if (counted === 'too-many') return await this.finish(due, 'too-many');
      const delivered = await this.postman.deliver(id.join('/'), mail, counted === 'last');
      if (delivered) this.answers();
      await this.finish(due, delivered ? 'sent' : 'nobody');
    } catch (error) {
      await this.failed(due, error);
    }
  }

  /** To each administrator a mail of their own. */
  private async distribute(due: DueMail, { portal, hour }: LocksOfHour): Promise<void> {
    const locks = await this.locks.of({ portal, hour });
    const news = newsOfLocks(locks);
    const [about] = due.id;
    const time = new Date(this.clock()).toISOString();
    const event = { id: about, type: twoFactorEvents.AccountLocked.type, time };
    for (const account of await this.postman.administratorsOf(portal)) {
      await this.queue.add([about, account], { event, portal, account, news });
    }
    await this.queue.finish(due, 'sent');
    await this.locks.settle({ portal, hour }, locks);
  }

  private async failed(due: DueMail, error: unknown): Promise<void> {
    const { since, attempts } = due.mail;
    const tooLate = this.clock() - since >= PATIENCE_MS;
    const kind = error instanceof NotTaken ? error.kind : isOutage(error) ? 'server-away' : 'later';
    const reason = error instanceof NotTaken ? error.reason : outline(error);
    if (kind === 'server-away') this.suspect(whatOf(due.mail).stream, reason);
    else if (error instanceof NotTaken) this.answers();
    if (kind === 'refused' || tooLate) await this.giveUp(due, reason);
    else {
      // the next one that is tried is another: it may be this one that makes the server hang up
      const delay = Math.min(FIRST_DELAY_MS * 2 ** attempts, LONGEST_DELAY_MS);
      await this.queue.postpone(due, this.clock() + Math.max(delay, this.away?.pauseMs ?? 0));
      this.metrics.mails.inc({ outcome: 'retried' });
    }
  }

  /** Of one recipient it may be the recipient: all wait when the mails of two have failed in a row. */
  private suspect(recipient: string, reason: string): void {
    if (this.away || (this.failing !== undefined && this.failing !== recipient)) this.pause(reason);
    this.failing = recipient;
  }

  private pause(reason: string): void {
    if (this.isPausing()) return;
    if (!this.away) this.logger.warn({ reason }, 'mail cannot be sent now; retrying');
    const pauseMs = Math.min(this.away ? 2 * this.away.pauseMs : FIRST_PAUSE_MS, LONGEST_PAUSE_MS);
    this.away = { reason, pauseMs, until: this.clock() + pauseMs };
  }

  private answers(): void {
    this.failing = undefined;
    if (this.away) this.logger.info('mail is sent again');
    this.away = undefined;
  }

  /** None of those that have been tried for a day can be sent now either. */
  private async giveUpOld(): Promise<void> {
    while (this.may && this.away) {
      const due = await this.queue.due(PAGE);
      const old = due.filter(({ mail }) => this.clock() - mail.since >= PATIENCE_MS);
      for (const each of old) await this.giveUp(each, this.away.reason);
      if (old.length === 0) return;
    }
  }

  private async giveUp(due: DueMail, reason: string): Promise<void> {
    const { mail } = due;
    const position = this.clock();
    const at = new Date(position).toISOString();
    const letter = { source: 'mails', position, index: this.givenUp++, ...whatOf(mail), reason, at } as const;
    await this.bus.deadLetters.put(letter);
    this.logger.error({ deadLetter: letter }, 'a mail became a dead letter');
    await this.finish(due, 'given-up');
  }

  private async finish(due: DueMail, outcome: Outcome): Promise<void> {
    await this.queue.finish(due, outcome);
    this.metrics.mails.inc({ outcome });
  }
}

function whatOf(mail: Mail | LocksOfHour) {
  if ('hour' in mail) return { stream: mail.portal, type: '', eventId: null };
  const { portal, account, event } = mail;
  return { stream: `${portal}/${account}`, type: event.type, eventId: event.id };
}
