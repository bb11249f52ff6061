import { type AppStatus, KEY_AGE_DAYS, NEWEST_DEAD_LETTERS } from '#libs/contracts/src/installation.js';
import { StoreDamaged, StoreUnavailable } from '#libs/engine/src/port.js';
import { Topics } from '#libs/messaging/src/kafka/cluster/topics.js';
import { nameOf } from '#libs/messaging/src/consuming/dead-letters.js';
import type { AppBus } from '#libs/messaging/src/port.js';
import type { KeyTimes } from '#libs/vault/src/key-times.js';
import type { KeyRingRotation } from '../settings/key-ring-rotation.js';
import type { AppContext } from '../tokens.js';
import { stateOf } from './health.js';
import { version } from './metrics.js';

const DAY_MS = 86_400_000;

/** Of apps that encrypt what they store. */
export interface OwnKeys {
  readonly rotation: Pick<KeyRingRotation, 'keyIds' | 'reEncryption'>;
  readonly times: KeyTimes;
}

/** What this app tells the operator of itself. */
export class OwnStatus {
  readonly #topics: Topics;

  constructor(
    private readonly context: Pick<AppContext, 'app' | 'engine' | 'config' | 'clock' | 'logger'>,
    private readonly bus: Pick<AppBus, 'health' | 'deadLetters'>,
    private readonly keys?: OwnKeys,
  ) {
    this.#topics = new Topics({ prefix: context.config.kafkaPrefix, partitions: 1, replication: 1 });
  }

  async describe(): Promise<AppStatus> {
    const { app, engine, config, logger } = this.context;
    const told = {
      status: await stateOf(app, engine, this.bus, logger),
      version,
      consumers: this.bus.health().map(({ source, lag, stalled }) => ({ source, lag, stalled })),
      mails: config.mail !== undefined,
    };
    if (told.status === 'store-unavailable') return told;
    try {
      return { ...told, ...(await this.#stored()) };
    } catch (error) {
      if (!(error instanceof StoreUnavailable || error instanceof StoreDamaged)) throw error;
      logger.warn({ app, err: error }, 'the store does not answer');
      return { ...told, status: 'store-unavailable' };
    }
  }

  async #stored(): Promise<Pick<AppStatus, 'deadLetters' | 'keyRing'>> {
    const [deadLetters, keyRing] = await Promise.all([this.#deadLetters(), this.keys && this.#keyRing(this.keys)]);
    return { deadLetters, ...(keyRing && { keyRing }) };
  }

  async #deadLetters(): Promise<NonNullable<AppStatus['deadLetters']>> {
    const { app } = this.context;
    const { count, newest } = await this.bus.deadLetters.newest(NEWEST_DEAD_LETTERS);
    return {
      count,
      newest: newest.map((letter) => ({
        id: nameOf(app, letter),
        topic: this.#topics.ofLetters(app, letter.source),
        type: letter.type,
        eventId: letter.eventId,
        reason: letter.reason,
        at: letter.at,
      })),
    };
  }

  async #keyRing({ rotation, times }: OwnKeys): Promise<NonNullable<AppStatus['keyRing']>> {
    const { keyIds, reEncryption } = rotation;
    const seen = await times.of(keyIds);
    const current = seen.get(keyIds[0] ?? '');
    return {
      keys: keyIds.map((id) => {
        const at = seen.get(id);
        return { id, ...(at !== undefined && { firstSeenAt: new Date(at).toISOString() }) };
      }),
      reEncryption,
      rotationAdvised: current !== undefined && this.context.clock() - current >= KEY_AGE_DAYS * DAY_MS,
    };
  }
}
