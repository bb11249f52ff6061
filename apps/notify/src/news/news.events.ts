import { Controller, Inject, type OnModuleInit } from '@nestjs/common';
import { EventPattern } from '@nestjs/microservices';
import type { RecordedEvent } from '#libs/contracts/src/events/event.js';
import type { Engine, Records } from '#libs/engine/src/port.js';
import type { Clock } from '#libs/platform/src/clock.js';
import { CLOCK, ENGINE } from '#libs/platform/src/tokens.js';
import { GatheredLocks } from '../mails/gathered-locks.js';
import { MailQueue, NEWS_LAST_MS } from '../mails/mail-queue.js';
import { Sender } from '../mails/sender.js';
import { newsOf, typesOfNews } from './news-of.js';

const AT: [string] = ['at'];

/**
 * Puts mails into the queue for what has happened since the app first ran: who turns mail on tells nobody of years ago. An event
 * that comes again finds its mail there.
 */
@Controller()
export class NewsEvents implements OnModuleInit {
  private readonly began: Records<number>;
  private since = Infinity;

  constructor(
    @Inject(ENGINE) engine: Engine,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly queue: MailQueue,
    private readonly locks: GatheredLocks,
    private readonly sender: Sender,
  ) {
    this.began = engine.records('began');
  }

  async onModuleInit(): Promise<void> {
    await this.began.create(AT, this.clock());
    this.since = (await this.began.get(AT)) ?? Infinity;
  }

  @EventPattern<string[]>([...typesOfNews])
  async happened(event: RecordedEvent): Promise<void> {
    const { id, type, time, portal, account, personal } = event;
    const at = Date.parse(time);
    if (account === undefined || at < Math.max(this.since, this.clock() - NEWS_LAST_MS)) return;
    const news = newsOf(event);
    if (!news) return;
    const { person, origin } = personal ?? {};
    const mail = { event: { id, type, time }, portal, account, news, ...(origin && { origin }) };
    await this.queue.add([id, 'person'], mail);
    const toFormer = news.kind === 'username-or-email-changed' && news.changed.includes('email') && person;
    if (toFormer) await this.queue.add([id, 'former'], { ...mail, former: person });
    if (news.kind === 'locked') await this.locks.gather({ ...mail, account });
    this.sender.wake();
  }
}
