import { Inject, Injectable } from '@nestjs/common';
import type { SealedText } from '#libs/contracts/src/events/event.js';
import type { Engine, Records } from '#libs/engine/src/port.js';
import type { Clock } from '#libs/platform/src/clock.js';
import { CLOCK, ENGINE } from '#libs/platform/src/tokens.js';
import type { News } from '../news/news.js';

/** The event, or the hour that is told of, and to whom. */
export type MailId = readonly [about: string, to: string];

/** A mail that is to be sent, without a name or an address: they are asked for when it is sent (R42). */
export interface Mail {
  readonly event: { readonly id: string; readonly type: string; readonly time: string };
  readonly portal: string;
  readonly account: string;
  readonly news: News;
  /** Of who did it, as the event has it. */
  readonly origin?: SealedText;
  /** It goes to the address of before, which is in here. */
  readonly former?: SealedText;
}
/** Becomes one mail to each administrator of the portal, about the locks of that hour (since 1970). */
export interface LocksOfHour {
  readonly portal: string;
  readonly hour: number;
}
interface Queued {
  /** Milliseconds: when it was put here. */
  readonly since: number;
  readonly attempts: number;
  readonly dueAt: number;
}
export type QueuedMail = (Mail | LocksOfHour) & Queued;
export type Outcome = 'sent' | 'given-up' | 'nobody' | 'too-many';
interface Done {
  readonly done: Outcome;
  readonly forgetAt: number;
}

export interface DueMail {
  readonly id: MailId;
  readonly mail: QueuedMail;
}

const DAY_MS = 86_400_000;
/** Nobody is told of what is older. */
export const NEWS_LAST_MS = 7 * DAY_MS;
/** So that an event which comes again is known for as long as it would be told of. */
const REMEMBERED_MS = 8 * DAY_MS;
const PAGE = 100;
/** Of one portal, before it is the turn of the next. */
const A_TURN = 10;

/**
 * What is to be sent, and what was sent, by the id of the event (R40). It is scheduled by when it is due, and then waits by
 * portals, so that a portal's many mails hold up no other's.
 */
@Injectable()
export class MailQueue {
  private readonly mails: Records<QueuedMail | Done>;
  private readonly schedule: Records<1>;
  private readonly waiting: Records<1>;
  /** The portal whose turn was last. */
  private turn = '';

  constructor(
    @Inject(ENGINE) engine: Engine,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    this.mails = engine.records('mails');
    this.schedule = engine.records('schedule');
    this.waiting = engine.records('waiting');
  }

  /** Once for each id. Durable when it resolves. False: that one is done. */
  async add(id: MailId, mail: Mail | LocksOfHour, dueAt = this.clock()): Promise<boolean> {
    const queued = { ...mail, since: this.clock(), attempts: 0, dueAt };
    const present = (await this.mails.create(id, queued)) ? queued : await this.mails.get(id);
    // again after a crash in between
    if (present && !('done' in present)) await this.schedule.put([present.dueAt, ...id], 1);
    return present !== undefined && !('done' in present);
  }

  async has(id: MailId): Promise<boolean> {
    return (await this.mails.get(id)) !== undefined;
  }

  /**
   * Some that are due: the first ones of each portal in turn, from that on whose turn is next. None: there is nothing to send
   * now. For one caller at a time.
   */
  async due(limit: number): Promise<DueMail[]> {
    await this.letWait();
    const mails: DueMail[] = [];
    const seen = new Set<string>();
    while (mails.length < limit) {
      const portal = (await this.waitingAfter(this.turn)) ?? (await this.waitingAfter(''));
      if (portal === undefined || seen.has(portal)) break;
      seen.add(portal);
      this.turn = portal;
      mails.push(...(await this.firstOf(portal, Math.min(A_TURN, limit - mails.length))));
    }
    return mails;
  }

  async finish({ id, mail }: DueMail, outcome: Outcome): Promise<void> {
    await this.remember(id, outcome);
    await this.waiting.delete([mail.portal, mail.dueAt, ...id]);
  }

  /** As done: it is not added any more. */
  async remember(id: MailId, done: Outcome): Promise<void> {
    const forgetAt = this.clock() + REMEMBERED_MS;
    await this.schedule.put([forgetAt, ...id], 1);
    await this.mails.put(id, { done, forgetAt });
  }

  async postpone({ id, mail }: DueMail, dueAt: number): Promise<void> {
    await this.schedule.put([dueAt, ...id], 1);
    await this.mails.put(id, { ...mail, attempts: mail.attempts + 1, dueAt });
    await this.waiting.delete([mail.portal, mail.dueAt, ...id]);
  }

  /** Moves what is due by now to what waits, and forgets what was done long enough ago. */
  private async letWait(): Promise<void> {
    for (;;) {
      const now = this.clock();
      const due = (await this.schedule.list({ limit: PAGE })).filter(({ key: [at] }) => Number(at) <= now);
      if (due.length === 0) return;
      const looked = due.map(({ key: [at, ...id] }) => this.look(Number(at), id as unknown as MailId));
      const mails = (await Promise.all(looked)).filter((mail) => mail !== undefined);
      await this.waiting.write(mails.map(({ id, mail }) => ({ put: [mail.portal, mail.dueAt, ...id], value: 1 })));
      await this.schedule.write(due.map(({ key }) => ({ delete: key })));
    }
  }

  private async waitingAfter(portal: string): Promise<string | undefined> {
    const [next] = await this.waiting.list({ after: [portal, Number.MAX_SAFE_INTEGER], limit: 1 });
    return next && String(next.key[0]);
  }

  private async firstOf(portal: string, limit: number): Promise<DueMail[]> {
    const keys = (await this.waiting.list({ prefix: [portal], limit })).map(({ key }) => key);
    const looked = keys.map(async (key) => {
      const [, at, ...id] = key;
      const mail = await this.look(Number(at), id as unknown as MailId);
      if (!mail) await this.waiting.delete(key);
      return mail;
    });
    return (await Promise.all(looked)).filter((mail) => mail !== undefined);
  }

  /** Undefined: it is done, or due at another time. */
  private async look(at: number, id: MailId): Promise<DueMail | undefined> {
    const mail = await this.mails.get(id);
    if (mail && !('done' in mail) && mail.dueAt === at) return { id, mail };
    if (mail && 'done' in mail && mail.forgetAt === at) await this.mails.delete(id);
    return undefined;
  }
}
