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
export type Outcome = 'sent' | 'given-up' | 'nobody';
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

/** What is to be sent, by when it is due, and what was sent, by the id of the event (R40). */
@Injectable()
export class MailQueue {
  private readonly mails: Records<QueuedMail | Done>;
  private readonly schedule: Records<1>;

  constructor(
    @Inject(ENGINE) engine: Engine,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    this.mails = engine.records('mails');
    this.schedule = engine.records('schedule');
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

  /** The first ones that are due. None: there is nothing to send now. */
  async due(limit: number): Promise<DueMail[]> {
    for (;;) {
      const now = this.clock();
      const keys = (await this.schedule.list({ limit })).map(({ key }) => key).filter(([at]) => Number(at) <= now);
      const due = await Promise.all(keys.map(([at, ...id]) => this.look(Number(at), id as unknown as MailId)));
      const mails = due.filter((mail) => mail !== undefined);
      if (mails.length > 0 || keys.length === 0) return mails;
    }
  }

  async finish({ id, mail }: DueMail, outcome: Outcome): Promise<void> {
    await this.remember(id, outcome);
    await this.schedule.delete([mail.dueAt, ...id]);
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
    await this.schedule.delete([mail.dueAt, ...id]);
  }

  /** Undefined: it is done, or due at another time. */
  private async look(at: number, id: MailId): Promise<DueMail | undefined> {
    const mail = await this.mails.get(id);
    if (mail && !('done' in mail) && mail.dueAt === at) return { id, mail };
    if (mail && 'done' in mail && mail.forgetAt === at) await this.mails.delete(id);
    await this.schedule.delete([at, ...id]);
    return undefined;
  }
}
