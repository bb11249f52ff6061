import type { ReadableEvent } from '#libs/contracts/src/events/readable.js';
import { eventFrom } from './chain.js';
import type { EventSource, Received } from './follow.js';
import { opened, type OpenEvents } from './open-events.js';

/** What is needed of a consumer, of kafkajs as of `@confluentinc/kafka-javascript`. */
export interface KafkaConsumer {
  run(config: { eachBatchAutoResolve: boolean; eachBatch(payload: KafkaBatch): Promise<void> }): Promise<void>;
  disconnect(): Promise<void>;
}
export interface KafkaBatch {
  readonly batch: {
    readonly topic: string;
    readonly partition: number;
    readonly messages: readonly { readonly offset: string; readonly value: Uint8Array | null }[];
  };
  readonly resolveOffset: (offset: string) => void;
  readonly heartbeat: () => Promise<void>;
  readonly isRunning: () => boolean;
  readonly isStale: () => boolean;
}

export interface KafkaSourceOptions {
  /**
   * Connected, subscribed to the topics `PREFIX.APP.events` from the beginning, of a group of its own. The group keeps the offsets, which are
   * committed after an event was handled. It is disconnected at the end.
   */
  readonly consumer: KafkaConsumer;
  /** Has personal data opened, which the bus has only sealed. Without it events have no `plain`. */
  readonly open?: OpenEvents;
  /** Of which portals events are wanted; all unless told. */
  readonly portals?: readonly string[];
  /** `later` where the topics do not begin with the first events of each stream. */
  readonly coverage?: 'all' | 'later';
}

/** Events from the bus, of whichever portals. */
export function overKafka({ consumer, open, portals, coverage = 'all' }: KafkaSourceOptions): EventSource {
  const wanted = ({ portal }: ReadableEvent) => portals === undefined || portals.includes(portal);
  return {
    coverage,
    async read({ take, signal }) {
      let failed = false;
      const eachBatch = async ({ batch, resolveOffset, heartbeat, isRunning, isStale }: KafkaBatch) => {
        const gone = () => failed || signal.aborted || !isRunning() || isStale();
        const decoder = new TextDecoder();
        const received = batch.messages.map(({ offset, value }) => {
          const place = `${batch.topic}/${batch.partition}@${offset}`;
          return { offset, place, text: value === null ? '' : decoder.decode(value) };
        });
        for (let at = 0; at < received.length; at += MOST_AT_ONCE) {
          if (gone()) return;
          const part = received.slice(at, at + MOST_AT_ONCE);
          const read = readUntilFault(part);
          const readable = await opened(
            read.events.filter(({ event }) => wanted(event)),
            open,
            signal,
          );
          for (const { offset, ...one } of readable) {
            if (gone()) return;
            await take(one);
            resolveOffset(offset);
            await heartbeat();
          }
          if (read.fault !== undefined) throw read.fault;
          if (gone()) return;
          resolveOffset(part.at(-1)!.offset);
        }
      };
      await new Promise<void>((resolve, reject) => {
        signal.addEventListener('abort', () => resolve(), { once: true });
        if (signal.aborted) resolve();
        // not thrown to the consumer, which would take the batch again and again: nothing of it is resolved
        const fail = (error: Error) => {
          failed = true;
          reject(error);
        };
        const run = { eachBatchAutoResolve: false, eachBatch: (batch: KafkaBatch) => eachBatch(batch).catch(fail) };
        consumer.run(run).catch(fail);
      }).finally(() => consumer.disconnect());
    },
  };
}

/** As many as can be opened in one request. */
const MOST_AT_ONCE = 200;

interface Message extends Omit<Received, 'event'> {
  readonly offset: string;
  readonly text: string;
}

/** What stands before something that cannot be read is handled first. */
function readUntilFault(messages: readonly Message[]) {
  const events: (Received & { readonly offset: string })[] = [];
  for (const { text, ...message } of messages) {
    try {
      events.push({ ...message, event: eventFrom(text, message.place) });
    } catch (fault) {
      return { events, fault: fault as Error };
    }
  }
  return { events };
}
