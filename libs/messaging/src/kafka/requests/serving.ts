import type { Logger } from 'pino';
import { carriedContext } from '#libs/contracts/src/context.js';
import { type AppName, appNames } from '#libs/contracts/src/http/endpoint.js';
import { Problem } from '#libs/contracts/src/problems.js';
import type { Answering } from '../../answering.js';
import { documentOf } from '../../failures.js';
import { LONGEST_WAIT_MS } from '../../requests.js';
import type { OrderedWork } from '../../consuming/ordered-work.js';
import type { Consumer, KafkaMessage } from '../cluster/connection.js';
import { GroupConsumer } from '../consuming/group-consumer.js';
import { header, LARGEST_BYTES } from '../events/cloud-events.js';
import type { BadMessage } from '../letters/letters.js';
import type { Sending } from '../cluster/sending.js';
import type { Topics } from '../cluster/topics.js';

/** Requests in hand of one partition. Some wait for seconds until another app acts by a change. */
const CONCURRENCY = 1_024;
const FRESH_MS = 2_000;

interface ServingOptions {
  readonly topic: string;
  readonly create: () => Consumer;
  readonly topicExists: () => Promise<boolean>;
  readonly answering: Answering;
  readonly topics: Topics;
  readonly sending: Sending;
  /** Keeps what cannot be read. */
  readonly deadLetter: (bad: BadMessage) => Promise<void>;
  readonly onError: (error: string) => void;
  readonly logger: Logger;
}

const apps: ReadonlySet<string> = new Set(appNames);

/** Answers the requests to one app. */
export class Serving {
  readonly #consumer: GroupConsumer;

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
    const { topics, topic, sending, answering, deadLetter } = this.options;
    const pattern = header(message, 'pattern');
    const replyTo = header(message, 'reply-to');
    const instance = header(message, 'instance');
    const requestId = header(message, 'correlation-id');
    const tooLarge = (message.value?.length ?? 0) > LARGEST_BYTES;
    if (tooLarge) return deadLetter({ topic, partition, message, reason: 'Unreadable: it is too large' });
    const payload = parse(message.value?.toString());
    const carried = carriedContext.safeParse(parse(header(message, 'context')));
    if (!pattern || !replyTo || !apps.has(replyTo) || !instance || !requestId) {
      return deadLetter({ topic, partition, message, reason: 'Unreadable: it is no request' });
    }
    if (payload === undefined) return deadLetter({ topic, partition, message, reason: 'Unreadable: it is not JSON' });
    // Delivered again, it gets the answer that is recorded.
    const command = { id: `request/${instance}/${requestId}`, digest: '', first };
    const reply = JSON.stringify(
      carried.success
        ? await answering.answer(pattern, payload, { ...carried.data, command })
        : // an app of another release: that passes by itself
          { problem: documentOf(new Problem('unavailable', 'Nobody says who asks.', { retryAfter: 1 })) },
    );
    const headers = { instance, 'correlation-id': requestId };
    // Lost, it is as if it had come too late; what was done stays done.
    await sending.soon(topics.replies(replyTo as AppName), { value: reply, headers }).catch(() => 'logged');
  }
}

function parse(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
