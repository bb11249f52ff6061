import type { MessageHandler } from '@nestjs/microservices';
import type { Logger } from 'pino';
import { becauseOf, type Context } from '#libs/contracts/src/context.js';
import { presentData, type RecordedEvent } from '#libs/contracts/src/events/event.js';
import { contractOf } from '#libs/contracts/src/events/events.js';
import type { AppName } from '#libs/contracts/src/http/endpoint.js';
import { continued, together, tracing } from '#libs/tracing/src/tracing.js';
import { call } from '../answering.js';
import type { Adoptions } from '../adopting/adoptions.js';
import { outline } from '../failures.js';
import type { ConsumerCounters, Outages } from './consumer-status.js';
import type { DeadLetter, DeadLetterId } from './dead-letters.js';
import { Retries } from './retries.js';
import type { Subscription } from './subscriptions.js';

/** An event on its way to the handlers. */
export interface Delivery extends DeadLetterId {
  readonly stream: string;
  readonly type: string;
  /** Parses the event. */
  readonly event: () => RecordedEvent;
}

export interface DeliveryContext {
  readonly app: AppName;
  readonly subscription: Subscription;
  readonly adoptions: Adoptions;
  readonly putDeadLetter: (letter: DeadLetter) => Promise<void>;
  readonly logger: Logger;
  readonly clock: () => number;
  readonly counters: ConsumerCounters | undefined;
}

const TRIES = 5;

/** Brings events to the handlers of one app until each is handled or a dead letter. */
export class Deliveries {
  readonly #retries: Retries;

  constructor(
    private readonly context: DeliveryContext,
    outages: Outages,
    signal: AbortSignal,
  ) {
    this.#retries = new Retries(outages, signal, () => this.#count('retried', 1));
  }

  /** To the handlers of its type. @throws AbortError it was stopped before it was done */
  async one(delivery: Delivery): Promise<void> {
    const failure = await this.#retries.atMost(TRIES, () => {
      const { subscription, adoptions } = this.context;
      return deliver(subscription, delivery, adoptions);
    });
    if (failure) await this.deadLetter(delivery, outline(failure.error));
    else this.#count('processed', 1);
  }

  /**
   * All at once to the batch handler. When it refuses them they come one by one, so that one bad event takes no others with it.
   * @throws AbortError it was stopped before it was done
   */
  async batch(handler: MessageHandler, deliveries: readonly Delivery[]): Promise<void> {
    const whole = () => takeTogether(handler, deliveries);
    const failure = await this.#retries.atMost(1, whole);
    if (!failure) this.#count('processed', deliveries.length);
    else for (const delivery of deliveries) await this.one(delivery);
  }

  /**
   * Makes a dead letter of it, without giving it to a handler.
   * @param reason says nothing of the payload
   */
  async deadLetter(delivery: Delivery, reason: string): Promise<void> {
    const { source, position, index, stream, type } = delivery;
    const { putDeadLetter, clock, logger } = this.context;
    const at = new Date(clock()).toISOString();
    const letter: DeadLetter = { source, position, index, stream, type, eventId: idOf(delivery), reason, at };
    await this.#retries.untilDone(() => putDeadLetter(letter));
    logger.error({ deadLetter: letter }, 'an event became a dead letter');
    this.#count('deadLettered', 1);
  }

  #count(what: keyof ConsumerCounters, value: number): void {
    const { app, counters, subscription } = this.context;
    counters?.[what].inc({ app, source: subscription.source }, value);
  }
}

/** Once, to the handlers of its type; a batch handler gets it alone. Then the app acts by it. */
export async function deliver(subscription: Subscription, delivery: Delivery, adoptions: Adoptions): Promise<void> {
  if (subscription.batch) return void (await takeTogether(subscription.batch, [delivery]));
  const event = delivery.event();
  const context = becauseOf(event);
  if (!tracing.on) return handle(subscription, delivery, event, context, adoptions);
  return continued(stepOf('handle', event), context, (traced) =>
    handle(subscription, delivery, event, traced, adoptions),
  );
}

async function handle(
  { handlersOf }: Subscription,
  delivery: Delivery,
  event: RecordedEvent,
  context: Context,
  adoptions: Adoptions,
): Promise<void> {
  const { named, all } = handlersOf(delivery.type);
  if (named) await call(named, inPresentShape(event), context);
  if (all) await call(all, named ? delivery.event() : event, context);
  if (named) await adoptions.note(event);
}

function inPresentShape(event: RecordedEvent): RecordedEvent {
  const contract = contractOf(event.type);
  const data = contract && presentData(contract, event);
  return data === undefined ? event : { ...event, type: contract!.type, data: data as RecordedEvent['data'] };
}

/** Each try gets events of its own. */
function takeTogether(handler: MessageHandler, deliveries: readonly Delivery[]): Promise<unknown> {
  const events = deliveries.map(({ event }) => event());
  if (!tracing.on) return call(handler, events);
  return together(
    events.map((event) => ({ ...stepOf('take', event), ...event.context })),
    () => call(handler, events),
  );
}

const stepOf = (verb: 'handle' | 'take', { type, portal }: RecordedEvent) =>
  ({ name: `${verb} ${type}`, kind: 'CONSUMER', attributes: { 'twinlock.portal': portal } }) as const;

/** Null when the event cannot be read, which may be why it is a dead letter. */
function idOf({ event }: Delivery): string | null {
  try {
    return event().id;
  } catch {
    return null;
  }
}
