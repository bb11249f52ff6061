import type { MessageHandler } from '@nestjs/microservices';
import type { Logger } from 'pino';
import { type Context, correlationIdFrom, traceparentFrom } from '#libs/contracts/src/context.js';
import { Problem } from '#libs/contracts/src/problems.js';
import { entered, noteRefusal, tracing } from '#libs/tracing/src/tracing.js';
import { call, type Reply } from '../answering.js';
import { CommandRefused, type SignedCommand } from '../commands.js';
import { Outages } from '../consuming/consumer-status.js';
import type { OrderedWork } from '../consuming/ordered-work.js';
import { Retries } from '../consuming/retries.js';
import { documentOf, isOutage, outline } from '../failures.js';
import { type Consumer, type KafkaMessage, stampedByBroker } from './cluster/connection.js';
import { GroupConsumer } from './consuming/group-consumer.js';
import { header } from './events/cloud-events.js';
import type { BadMessage } from './letters/letters.js';
import type { Sending } from './cluster/sending.js';
import type { Topics } from './cluster/topics.js';

interface CommandsOptions {
  readonly topic: string;
  readonly create: () => Consumer;
  readonly topicExists: () => Promise<boolean>;
  readonly handler: MessageHandler;
  readonly topics: Topics;
  readonly sending: Sending;
  readonly deadLetter: (bad: BadMessage) => Promise<void>;
  readonly clock: () => number;
  readonly onError: (error: string) => void;
  readonly logger: Logger;
}

const CONCURRENCY = 32;
const OPEN_AT_MOST = 1_024;
const TRIES = 5;
/** No command is so large. */
const LARGEST_BYTES = 16 * 1_024;

/** Signed commands from outside, each account's in their order. What is refused is a dead letter, and the next goes on. */
export class Commands {
  readonly #consumer: GroupConsumer;
  readonly #outages: Outages;

  constructor(private readonly options: CommandsOptions) {
    const { topic, create, topicExists, clock, onError, logger } = options;
    this.#outages = new Outages(clock, (stalled, error) => {
      if (stalled) logger.warn({ error }, 'commands cannot be carried out now');
      else logger.info('commands are carried out again');
    });
    this.#consumer = new GroupConsumer({
      topic,
      create,
      topicExists,
      concurrency: CONCURRENCY,
      openAtMost: OPEN_AT_MOST,
      chunk: 64,
      take: (messages, partition, work, { signal }) => {
        const retries = new Retries(this.#outages, signal);
        for (const message of messages) this.#take(message, partition, work, retries);
      },
      onError,
      logger,
    });
  }

  /** In its group, and no engine away that it needs. */
  get alive(): boolean {
    return this.#consumer.alive && !this.#outages.any;
  }
  stop(patienceMs: number): Promise<void> {
    return this.#consumer.stop(patienceMs);
  }

  #take(message: KafkaMessage, partition: number, work: OrderedWork, retries: Retries): void {
    const key = message.key?.toString() ?? '';
    work.push(Number(message.offset) + 1, key, async () => {
      const { topic, deadLetter } = this.options;
      const refuse = (reason: string) => retries.untilDone(() => deadLetter({ topic, partition, message, reason }));
      const jws = message.value?.toString() ?? '';
      if (jws === '' || jws.length > LARGEST_BYTES)
        return refuse('CommandRefused: it has no value, or too large a one');
      const context = contextOf(message);
      const failure = await retries.atMost(TRIES, async () => {
        const at = stampedByBroker(message) ? Number(message.timestamp) : null;
        const carryOut = (within: Context) => this.#carryOut({ jws, key, at }, within);
        const step = { name: 'command', kind: 'CONSUMER' } as const;
        const outcome = await (tracing.on ? entered(step, context, carryOut) : carryOut(context));
        if (outcome.refused !== undefined) await deadLetter({ topic, partition, message, reason: outcome.refused });
        if (outcome.reply) await this.#reply(message, outcome.reply);
      });
      if (!failure) return;
      await refuse(outline(failure.error));
      await this.#reply(message, { problem: documentOf(failure.error) });
    });
  }

  /** @throws what passes by itself, and what nobody foresaw */
  async #carryOut(
    command: SignedCommand,
    context: Context,
  ): Promise<{ readonly reply?: Reply; readonly refused?: string }> {
    try {
      return { reply: { reply: (await call(this.options.handler, command, context)) ?? null } };
    } catch (error) {
      if (error instanceof CommandRefused) {
        const refused = `CommandRefused: ${error.reason}`;
        return error.problem ? { refused, reply: { problem: documentOf(error.problem) } } : { refused };
      }
      if (error instanceof Problem && !isOutage(error) && error.status < 500) {
        if (tracing.on) noteRefusal(error);
        return { reply: { problem: documentOf(error) } };
      }
      throw error;
    }
  }

  async #reply(message: KafkaMessage, reply: Reply): Promise<void> {
    const topic = header(message, 'reply-to');
    const correlationId = header(message, 'correlation-id') ?? '';
    if (topic === undefined) return;
    const { topics, sending, logger } = this.options;
    if (!topics.isCommandReply(topic) || correlationId.length > 200) {
      logger.warn('a command named a reply topic that is not allowed');
      return;
    }
    const headers = { 'correlation-id': correlationId, 'content-type': 'application/json' };
    // The command is done; a topic that does not exist is its sender's affair.
    await sending.soon(topic, { value: JSON.stringify(reply), headers }).catch(() => 'logged');
  }
}

/** Nobody is proved yet. The sender's id is taken if it is a UUID, and the trace that it is in, as over HTTP. */
function contextOf(message: KafkaMessage): Context {
  const traceparent = traceparentFrom(header(message, 'traceparent'));
  return {
    actor: { kind: 'anonymous' },
    correlationId: correlationIdFrom(header(message, 'correlation-id')),
    entrance: 'bus',
    ...(traceparent !== undefined && { traceparent }),
  };
}
