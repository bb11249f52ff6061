import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { AppName } from '#libs/contracts/src/http/endpoint.js';
import type { Engine } from '#libs/engine/src/port.js';
import type { RingKey } from '#libs/vault/src/keyring.js';
import type { ConsumerCounters } from '../consuming/consumer-status.js';
import type { AppBus, Bus } from '../port.js';
import { Administration } from './cluster/administration.js';
import { type ISocketFactory, KafkaConnection, type KafkaSettings } from './cluster/connection.js';
import { KafkaMember } from './member.js';
import { Sending } from './cluster/sending.js';
import { Topics } from './cluster/topics.js';
import { RequestSealer } from './requests/sealed.js';

export interface KafkaBusOptions extends KafkaSettings {
  /** What topics and groups begin with. */
  readonly prefix: string;
  /** Of topics that are made; 12 and 1 unless told. */
  readonly partitions?: number;
  readonly replication?: number;
  /** Of requests and replies, the same for all apps: the first seals, all open. */
  readonly keys: readonly RingKey[];
  readonly logger: Logger;
  /** For the times in dead letters and health. */
  readonly clock?: () => number;
  readonly counters?: ConsumerCounters;
  /** How long work in hand may take to end when an app leaves or the bus closes; 5 seconds unless told. */
  readonly patienceMs?: number;
  /** How long, in milliseconds, a silent instance keeps its partitions (6,000) and the right to publish (3,000). */
  readonly sessionMs?: number;
  readonly leaseMs?: number;
  readonly socketFactory?: ISocketFactory;
}

/** What the members of one process share. */
export interface Shared {
  readonly options: KafkaBusOptions;
  readonly connection: KafkaConnection;
  readonly administration: Administration;
  readonly sending: Sending;
  readonly topics: Topics;
  readonly sealer: RequestSealer;
}

/** A bus for apps in any number of processes. It is there at once, and works as soon as the brokers do. @throws KeyRingInvalid */
export const createKafkaBus = (options: KafkaBusOptions): Bus => new KafkaBus(options);

class KafkaBus implements Bus {
  readonly #members = new Map<AppName, KafkaMember>();
  readonly #shared: Shared;

  constructor(options: KafkaBusOptions) {
    const { prefix, partitions = 12, replication = 1, logger, keys } = options;
    const connection = new KafkaConnection(options, { ...options, clientId: `${prefix}-${randomUUID().slice(0, 8)}` });
    const topics = new Topics({ prefix, partitions, replication });
    const administration = new Administration(connection, topics, logger);
    const sending = new Sending(connection, logger);
    this.#shared = { options, connection, administration, topics, sending, sealer: new RequestSealer(keys) };
  }

  join(app: AppName, engine: Engine): AppBus {
    if (this.#members.has(app)) throw new TypeError(`${app} is already on the bus`);
    const member = new KafkaMember(app, engine, this.#shared, () => void this.#members.delete(app));
    this.#members.set(app, member);
    return member;
  }

  useRing(keys: readonly RingKey[]): void {
    this.#shared.sealer.useRing(keys);
  }

  async close(): Promise<void> {
    const members = [...this.#members.values()];
    // Event handlers may ask other apps, so these answer until the last of them has ended.
    await Promise.all(members.map((member) => member.stopConsuming()));
    await Promise.all(members.map((member) => member.leave()));
    await this.#shared.sending.close();
    await this.#shared.administration.close();
  }
}
