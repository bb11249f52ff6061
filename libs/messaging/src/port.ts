import type { CustomTransportStrategy, ClientProxy } from '@nestjs/microservices';
import type { Engine } from '#libs/engine/src/port.js';
import type { AppName } from '#libs/contracts/src/http/endpoint.js';
import type { ConsumerHealth } from './consuming/consumer-status.js';
import type { DeadLetters } from './consuming/dead-letters.js';

/**
 * What connects the apps. Controllers say `@MessagePattern(contract.pattern)` and `@EventPattern(contract.type)` and know no more.
 *
 * Events: each app is one consumer group. Every event of the other apps that a controller of the app names reaches it at
 * least once, first deliveries of a stream in order; a handler that keeps failing puts the event into the dead letters and
 * the rest goes on. Handlers get a `RecordedEvent`.
 *
 * Requests: the handler's reply, or its `Problem`, comes back; without a reply in time the caller gets `unavailable`.
 */
export interface Bus {
  /** Joins an app: its log is published, its positions and dead letters are kept in its engine. */
  join(app: AppName, engine: Engine): AppBus;
  close(): Promise<void>;
}

export interface AppBus {
  /** For `app.connectMicroservice({ strategy })`. */
  readonly strategy: CustomTransportStrategy;
  /** For `Requests`. */
  readonly client: ClientProxy;
  /** One for each app whose events this one handles; empty before it listens. */
  health(): readonly ConsumerHealth[];
  readonly deadLetters: DeadLetters;
}
