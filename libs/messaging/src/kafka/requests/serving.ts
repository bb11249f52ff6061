import type { Logger } from 'pino';
import { carriedContext } from '#libs/contracts/src/context.js';
import { type AppName, appNames } from '#libs/contracts/src/http/endpoint.js';
import { Problem } from '#libs/contracts/src/problems.js';
import type { Answering, Reply } from '../../answering.js';
import { documentOf } from '../../failures.js';
import { LONGEST_WAIT_MS } from '../../requests.js';
import type { OrderedWork } from '../../consuming/ordered-work.js';
import type { Consumer, KafkaMessage } from '../cluster/connection.js';
import { GroupConsumer } from '../consuming/group-consumer.js';
import { header, LARGEST_BYTES } from '../events/cloud-events.js';
import type { BadMessage } from '../letters/letters.js';
import type { Sending } from '../cluster/sending.js';
import type { Topics } from '../cluster/topics.js';
import type { Purpose, RequestContent, RequestSealer } from './sealed.js';

/** Requests in hand of one partition. Some wait for seconds until another app acts by a change. */
const CONCURRENCY = 1_024;
const FRESH_MS = 2_000;
/** Between the clock of who asks and the broker's: one that somebody recorded and sends again is refused after that. */
const SEALED_FOR_MS = 60_000;

interface ServingOptions {
  readonly topic: string;
  readonly create: () => Consumer;
  readonly topicExists: () => Promise<boolean>;
  readonly answering: Answering;
  readonly topics: Topics;
  readonly sending: Sending;
  readonly sealer: RequestSealer;
  /** Keeps what cannot be read. */
  readonly deadLetter: (bad: BadMessage) => Promise<void>;
  readonly onError: (error: string) => void;
  readonly logger: Logger;
}

const HEADERS = ['pattern', 'reply-to', 'instance', 'correlation-id', 'key-id'] as const;
const apps: ReadonlySet<string> = new Set(appNames);

type Asked = Omit<Purpose, 'direction'>;

/** Answers the requests to one app. */
export class Serving {
  readonly #consumer: GroupConsumer;
  #told = false;

  constructor(private readonly options: ServingOptions) {
    const { topic, create, topicExists, onError, logger } = options;
    this.#consumer = new GroupConsumer({
      topic,
      create,
      topicExists,
      concurrency: CONCURRENCY,
      openAtMost: 2 * CONCURRENCY,
      chunk: 256,
      take: (messages, partition, work, { takenBefore }) => {
        const taken = messages.filter((message) => this.#take(message, partition, work, takenBefore(message)));
        const tooOld = messages.length - taken.length;
        if (tooOld > 0) logger.warn({ topic, requests: tooOld }, 'requests were too old to answer');
      },
      onError,
      logger,
    });
  }

  get joined(): Promise<void> {
    return this.#consumer.joined;
  }
  get alive(): boolean {
    return this.#consumer.alive;
  }
  stop(patienceMs: number): Promise<void> {
    return this.#consumer.stop(patienceMs);
  }

  /** The handlers put in order what must be; here nothing waits for another. False: it is too old. */
  #take(message: KafkaMessage, partition: number, work: OrderedWork, takenBefore: boolean): boolean {
    const after = Number(message.offset) + 1;
    const age = Date.now() - Number(message.timestamp);
    if (age > LONGEST_WAIT_MS) {
      // Who asked has been told that there was no answer: nothing may come of it any more.
      work.skip(after);
      return false;
    }
    // An instance that stood still for so long may have lost its partitions to another without knowing.
    const first = !takenBefore && age < FRESH_MS;
    work.push(after, message.offset, () => this.#answer(message, partition, first));
    return true;
  }

  async #answer(message: KafkaMessage, partition: number, first: boolean): Promise<void> {
    const { topics, topic, sending, sealer, deadLetter } = this.options;
    const unreadable = (why: string) => deadLetter({ topic, partition, message, reason: `Unreadable: it ${why}` });
    const { value } = message;
    if ((value?.length ?? 0) > LARGEST_BYTES) return unreadable('is too large');
    const [pattern, replyTo, instance, requestId, keyId] = HEADERS.map((name) => header(message, name));
    if (!pattern || !replyTo || !apps.has(replyTo) || !instance || !requestId || !keyId || !value) {
      return unreadable('is no request');
    }
    const asked = { pattern, replyTo, instance, requestId };
    const opened = sealer.open(keyId, value, { direction: 'request', ...asked });
    if (opened === null) return unreadable('cannot be opened');
    const content = opened === undefined ? undefined : (JSON.parse(opened) as RequestContent);
    const sealedFor = content ? Number(message.timestamp) - content.at : 0;
    if (Math.abs(sealedFor) > SEALED_FOR_MS) return unreadable('was not sealed when it was sent');
    const reply = await this.#replyTo(asked, content, first && sealedFor < FRESH_MS);
    const sealed = sealer.seal(JSON.stringify(reply), { direction: 'reply', ...asked });
    const headers = { instance, 'correlation-id': requestId, 'key-id': sealed.keyId };
    // Lost, it is as if it had come too late; what was done stays done.
    await sending.soon(topics.replies(replyTo as AppName), { value: sealed.value, headers }).catch(() => 'logged');
  }

  #replyTo(asked: Asked, content: RequestContent | undefined, first: boolean): Promise<Reply> | Reply {
    if (!content) {
      if (!this.#told) this.options.logger.error('requests come under a key that BUS_KEYS does not contain');
      this.#told = true;
      return unavailable('Its key is not known here.');
    }
    const carried = carriedContext.safeParse(content.context);
    // an app of another release: that passes by itself
    if (!carried.success) return unavailable('Nobody says who asks.');
    const { pattern, instance, requestId } = asked;
    // Delivered again, it gets the answer that is recorded.
    const command = { id: `request/${instance}/${requestId}`, digest: '', first };
    return this.options.answering.answer(pattern, content.payload, { ...carried.data, command });
  }
}

const unavailable = (detail: string): Reply => ({
  problem: documentOf(new Problem('unavailable', detail, { retryAfter: 1 })),
});
