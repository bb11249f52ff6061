/** The one place that imports kafkajs. */
import {
  Kafka,
  type KafkaMessage,
  logLevel,
  type Admin,
  type Consumer,
  type ISocketFactory,
  type Producer,
} from 'kafkajs';
import type { Logger } from 'pino';
import './kafkajs-patch.js';

export type { Admin, Consumer, EachBatchPayload, ISocketFactory, KafkaMessage, Message, TopicMessages } from 'kafkajs';

export interface KafkaSettings {
  /** `host:port` */
  readonly brokers: readonly string[];
  readonly tls?: boolean | { readonly ca?: string; readonly cert?: string; readonly key?: string };
  readonly sasl?: {
    readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
    readonly username: string;
    readonly password: string;
  };
}

export interface ConnectionOptions {
  readonly logger: Logger;
  /** How the broker knows this process in its own logs. */
  readonly clientId: string;
  /** A consumer that is silent for so long, in milliseconds, loses its partitions to the others. */
  readonly sessionMs?: number;
  readonly socketFactory?: ISocketFactory;
}

/** How long a fetch waits at the broker for something new, in milliseconds; it answers at once when there is. */
const FETCH_WAIT_MS = 250;
/** The least that brokers allow unless told otherwise: what a dead instance had in hand goes on that soon. */
const SESSION_MS = 6_000;
/** kafkajs chooses others under NODE_ENV=test. About five seconds in all: then whoever asked decides what to do. */
const RETRY = { initialRetryTime: 100, maxRetryTime: 1_000, factor: 0.2, multiplier: 2, retries: 7 };

/** To one cluster; what it hands out connects when it is first used. */
export class KafkaConnection {
  readonly #kafka: Kafka;
  readonly #sessionMs: number;

  constructor(settings: KafkaSettings, { logger, clientId, sessionMs = SESSION_MS, socketFactory }: ConnectionOptions) {
    process.env.KAFKAJS_NO_PARTITIONER_WARNING = '1';
    const { brokers, tls, sasl } = settings;
    this.#sessionMs = sessionMs;
    this.#kafka = new Kafka({
      brokers: [...brokers],
      clientId,
      ...(tls !== undefined && { ssl: tls }),
      ...(sasl && { sasl: saslOf(sasl) }),
      ...(socketFactory && { socketFactory }),
      connectionTimeout: 3_000,
      requestTimeout: 10_000,
      retry: RETRY,
      logLevel: logLevel.WARN,
      logCreator: () => logWith(logger),
    });
  }

  admin(): Admin {
    return this.#kafka.admin();
  }

  producer(): Producer {
    return this.#kafka.producer({ allowAutoTopicCreation: false, maxInFlightRequests: 8 });
  }

  consumer(groupId: string): Consumer {
    return this.#kafka.consumer({
      groupId,
      allowAutoTopicCreation: false,
      sessionTimeout: this.#sessionMs,
      rebalanceTimeout: 6 * this.#sessionMs,
      heartbeatInterval: Math.ceil(this.#sessionMs / 10),
      maxWaitTimeInMs: FETCH_WAIT_MS,
      metadataMaxAge: 60_000,
      // kafkajs would start it again even after it was disconnected; `KeptConsumer` takes another one instead
      retry: { ...RETRY, restartOnFailure: () => Promise.resolve(false) },
    });
  }
}

const LOG_APPEND_TIME = 1;
/** Whether its time is the broker's; else it is whatever its sender says. kafkajs tells it, and its types do not. */
export function stampedByBroker(message: KafkaMessage): boolean {
  const { batchContext } = message as { batchContext?: { timestampType?: number } };
  return batchContext?.timestampType === LOG_APPEND_TIME;
}

type Sasl = NonNullable<KafkaSettings['sasl']>;
function saslOf({ mechanism, username, password }: Sasl) {
  switch (mechanism) {
    case 'plain':
      return { mechanism, username, password };
    case 'scram-sha-256':
      return { mechanism, username, password };
    case 'scram-sha-512':
      return { mechanism, username, password };
  }
}

interface Entry {
  readonly level: logLevel;
  readonly namespace: string;
  readonly log: { readonly message: string; readonly [extra: string]: unknown };
}

/** Names and numbers alone: an error of kafkajs may have what was sent hanging on it. Its own failures are ours to report. */
function logWith(logger: Logger) {
  return ({ namespace, log }: Entry): void => {
    const { message, broker, groupId, topic, partition } = log;
    logger.debug({ kafkajs: namespace, broker, groupId, topic, partition }, message);
  };
}
