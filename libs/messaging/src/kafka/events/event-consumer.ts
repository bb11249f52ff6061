import type { Logger } from 'pino';
import type { SourceApp } from '#libs/contracts/src/events/event.js';
import { type ConsumerHealth, Outages } from '../../consuming/consumer-status.js';
import { isHandled } from '../../consuming/subscriptions.js';
import { Deliveries, type Delivery, type DeliveryContext } from '../../consuming/deliveries.js';
import type { OrderedWork } from '../../consuming/ordered-work.js';
import type { Consumer, KafkaMessage } from '../cluster/connection.js';
import { GroupConsumer } from '../consuming/group-consumer.js';
import { isForAnother, readEnvelope, readEvent, Unreadable } from './cloud-events.js';

/** Streams of one partition that are worked on side by side. */
const CONCURRENCY = 32;
/** Events taken and not done, by partition: a stream that is held up holds the others up only when so many are behind it. */
const OPEN_AT_MOST = 1_024;
const BATCH = 500;

interface EventConsumerOptions {
  readonly topic: string;
  readonly create: () => Consumer;
  readonly topicExists: () => Promise<boolean>;
}

/** The events of one app for another. */
export class EventConsumer {
  readonly #outages: Outages;
  readonly #consumer: GroupConsumer;
  readonly #log: Logger;
  readonly #deliveries = new WeakMap<AbortSignal, Deliveries>();

  constructor(
    private readonly context: DeliveryContext,
    options: EventConsumerOptions,
  ) {
    const { app, subscription, clock } = context;
    this.#log = context.logger.child({ app, source: subscription.source });
    this.#outages = new Outages(clock, (stalled, error) => {
      if (stalled) this.#log.warn({ error }, 'the events of an app cannot be handled now');
      else this.#log.info('the events of an app are handled again');
    });
    const { batch } = subscription;
    this.#consumer = new GroupConsumer({
      ...options,
      concurrency: batch ? 1 : CONCURRENCY,
      openAtMost: batch ? 1 : OPEN_AT_MOST,
      chunk: batch ? BATCH : 64,
      take: (messages, partition, work, { signal }) => this.#take(messages, partition, work, signal),
      onError: (error) => this.#outages.note(error),
      logger: this.#log,
    });
  }

  health(): ConsumerHealth {
    return {
      source: this.context.subscription.source,
      position: this.#consumer.position,
      lag: this.#consumer.lag,
      stalled: this.#outages.any || !this.#consumer.alive || !this.#consumer.caughtUp,
      lastError: this.#outages.lastError,
    };
  }

  stop(patienceMs: number): Promise<void> {
    return this.#consumer.stop(patienceMs);
  }

  #take(messages: readonly KafkaMessage[], partition: number, work: OrderedWork, signal: AbortSignal): void {
    const deliveries = this.#deliveriesOf(signal);
    const { app, subscription } = this.context;
    const { source, batch, handlersOf } = subscription;
    const whole: Delivery[] = [];
    let bad: { delivery: Delivery; reason: string }[] = [];
    for (const message of messages) {
      const after = Number(message.offset) + 1;
      if (isForAnother(message, app)) {
        if (!batch) work.skip(after);
        continue;
      }
      const read = deliveryOf(source, message, partition, (type) => isHandled(handlersOf(type)));
      if (batch) {
        if (read && 'reason' in read) bad.push(read);
        else if (read) whole.push(read.delivery);
      } else if (!read) work.skip(after);
      else {
        work.push(after, read.delivery.stream, () =>
          'reason' in read ? deliveries.deadLetter(read.delivery, read.reason) : deliveries.one(read.delivery),
        );
      }
    }
    if (!batch) return;
    work.push(Number(messages.at(-1)?.offset) + 1, source, async () => {
      for (const { delivery, reason } of bad) await deliveries.deadLetter(delivery, reason);
      bad = [];
      if (whole.length > 0) await deliveries.batch(batch, whole);
    });
  }

  #deliveriesOf(signal: AbortSignal): Deliveries {
    const present = this.#deliveries.get(signal) ?? new Deliveries(this.context, this.#outages, signal);
    this.#deliveries.set(signal, present);
    return present;
  }
}

type Read = { readonly delivery: Delivery; readonly reason: string } | { readonly delivery: Delivery };

/** Undefined: nobody wants it. In a dead letter `position` is the offset and `index` the partition. */
export function deliveryOf(
  source: SourceApp,
  message: KafkaMessage,
  index: number,
  wanted: (type: string) => boolean,
): Read | undefined {
  const position = Number(message.offset);
  try {
    const envelope = readEnvelope(message, source);
    if (!wanted(envelope.type)) return undefined;
    readEvent(message, envelope);
    // Each try gets an event of its own.
    const event = () => readEvent(message, envelope);
    return { delivery: { source, position, index, ...envelope, event } };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    const event = () => {
      throw error;
    };
    return {
      delivery: { source, position, index, stream: '', type: '', event },
      reason: `Unreadable: it ${error.message}`,
    };
  }
}
