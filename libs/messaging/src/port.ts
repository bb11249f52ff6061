import type { CustomTransportStrategy } from '@nestjs/microservices';
import type { Engine } from '#libs/engine/src/port.js';
import type { RingKey } from '#libs/vault/src/keyring.js';
import type { AppName } from '#libs/contracts/src/http/endpoint.js';
import type { ConsumerHealth } from './consuming/consumer-status.js';
import type { DeadLetters } from './consuming/dead-letters.js';
import type { Adoptions } from './adopting/adoptions.js';
import type { Ask } from './requests.js';

/**
 * What connects the apps. Controllers say `@MessagePattern(contract.pattern)` and `@EventPattern(contract.type)` and know no more.
 *
 * Events: each app is one consumer group. Every event of the other apps that a controller of the app names reaches it at
 * least once, first deliveries of a stream in order, one at a time; streams do not wait for one another. Patterns:
 * - `two-factor.account-locked.v1`, or several in an array: the handler gets a `RecordedEvent` in its present shape, whichever
 *   version was recorded;
 * - `two-factor.*`, all events of that app: the `RecordedEvent` as it was recorded;
 * - `two-factor.*` with the extra `{ batch: true }`: a `RecordedEvent[]`, each stream's in order (on a bus without partitions all
 *   in the order of the log), some hundreds at most, one batch of a partition at a time. Then it is the app's only handler of that source.
 *
 * A handler makes its effect durable before it resolves, and bears an event again, also after later ones of its stream (after a
 * crash what was handled in the last moments comes again). While a store or another app is away it is tried until that has
 * passed; after five other failures the event becomes a dead letter and the rest of its stream goes on. Of a batch that fails
 * the events come one by one, each in a batch of its own.
 *
 * With `@Ctx()` a handler of requests or of single events gets the `Context`: that of the request, or one of the system's own that names the event as its cause.
 *
 * Requests: the payload is validated by its contract before the handler gets it; the handler's reply, or its `Problem`, comes
 * back. Without a reply in time, or while the other app is not there, the caller gets `unavailable`.
 */
export interface Bus {
  /** Joins an app: its log is published, its positions and dead letters are kept in its engine. */
  join(app: AppName, engine: Engine): AppBus;
  /** Where what the apps ask one another leaves the process: takes another key ring at once. @throws KeyRingInvalid */
  useRing?(keys: readonly RingKey[]): void;
  close(): Promise<void>;
}

export interface AppBus {
  /** For `app.connectMicroservice({ strategy })`. */
  readonly strategy: CustomTransportStrategy;
  /** For `Requests`. */
  readonly ask: Ask;
  /** Which events of the others the app acts by already. */
  readonly adoptions: Adoptions;
  /** One for each app whose events this one handles; empty before it listens. */
  health(): readonly ConsumerHealth[];
  readonly deadLetters: DeadLetters;
}
