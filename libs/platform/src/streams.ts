import type { FactoryProvider, OnApplicationShutdown } from '@nestjs/common';
import type { Logger } from 'pino';
import type { Engine } from '#libs/engine/src/port.js';
import { Aggregates } from '#libs/event-store/src/aggregates.js';
import type { DomainEvent, Fold } from '#libs/event-store/src/decision.js';
import { SNAPSHOTS } from '#libs/event-store/src/stream/snapshots.js';
import { PersonalKeys } from '#libs/vault/src/personal/personal-keys.js';
import type { Clock } from './clock.js';
import { CLOCK, ENGINE, LOGGER } from './tokens.js';

/** Provides the streams of one kind as `Aggregates`. An app with several kinds names a collection of snapshots for each. */
export const streamsOf = <State, Event extends DomainEvent>(
  token: symbol,
  fold: Fold<State, Event>,
  snapshots = SNAPSHOTS,
): FactoryProvider<Aggregates<State, Event>> => ({
  provide: token,
  inject: [ENGINE, PersonalKeys, CLOCK, LOGGER],
  useFactory: (engine: Engine, keys: PersonalKeys, clock: Clock, logger: Logger) =>
    new Streams(fold, {
      log: engine.log,
      keys,
      snapshots: engine.records(snapshots),
      onDamage: engine.damaged,
      clock,
      logger,
    }),
});

class Streams<State, Event extends DomainEvent> extends Aggregates<State, Event> implements OnApplicationShutdown {
  /** Snapshots under way are written before the store closes. */
  onApplicationShutdown(): Promise<void> {
    return this.settled();
  }
}
