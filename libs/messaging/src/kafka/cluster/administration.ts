import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { AppName } from '#libs/contracts/src/http/endpoint.js';
import { outline } from '../../failures.js';
import type { Admin, KafkaConnection } from './connection.js';
import type { Topics } from './topics.js';

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;

/** Makes topics and looks for them. */
export class Administration {
  readonly #admin: Admin;
  readonly #closing = new AbortController();
  #connected: Promise<void> | undefined;

  constructor(
    connection: KafkaConnection,
    private readonly topics: Topics,
    private readonly logger: Logger,
  ) {
    this.#admin = connection.admin();
  }

  /** @throws what kafkajs throws */
  readonly admin = async (): Promise<Admin> => {
    this.#connected ??= this.#admin.connect().catch((error: unknown) => {
      this.#connected = undefined;
      throw error;
    });
    await this.#connected;
    return this.#admin;
  };

  /** @throws what kafkajs throws */
  readonly exists = async (topic: string): Promise<boolean> =>
    (await (await this.admin()).listTopics()).includes(topic);

  /** Resolves when the topics of the app are there, however long the brokers are away; rejects when the bus closes first. */
  async make(app: AppName, commands: boolean): Promise<void> {
    const { signal } = this.#closing;
    for (let wait = FIRST_PAUSE_MS, told = false; ; wait = Math.min(2 * wait, LONGEST_PAUSE_MS)) {
      signal.throwIfAborted();
      try {
        await this.topics.make(await this.admin(), app, commands);
        if (told) this.logger.info({ app }, 'Kafka is available again');
        return;
      } catch (error) {
        if (!told)
          this.logger.warn({ app, error: outline(error) }, 'Kafka is unavailable or refuses the connection; retrying');
        told = true;
      }
      await pause(wait, undefined, { signal });
    }
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#connected?.then(
      () => this.#admin.disconnect(),
      () => undefined,
    );
  }
}
