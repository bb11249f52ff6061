import type { Logger } from 'pino';
import type { AppName } from '#libs/contracts/src/http/endpoint.js';
import { Problem } from '#libs/contracts/src/problems.js';
import { type DeadLetter, isEvent } from '../../consuming/dead-letters.js';
import { KafkaConnection, type KafkaSettings } from '../cluster/connection.js';
import { REPLAY_FOR } from '../events/cloud-events.js';
import { originalAt } from './original.js';
import { Sending } from '../cluster/sending.js';
import { Topics } from '../cluster/topics.js';

/** Sends the originals of dead letters again, from outside of the apps, which go on meanwhile. */
export class Replaying {
  readonly #connection: KafkaConnection;
  readonly #sending: Sending;
  readonly #topics: Topics;

  constructor({ prefix, logger, ...settings }: KafkaSettings & { readonly prefix: string; readonly logger: Logger }) {
    this.#connection = new KafkaConnection(settings, { logger, clientId: `${prefix}-replay` });
    this.#sending = new Sending(this.#connection, logger);
    this.#topics = new Topics({ prefix, partitions: 1, replication: 1 });
  }

  /**
   * To the topic and the partition that it came from, with its key and its id, for that app alone.
   * @throws Problem `not-found` nobody waits for it any more, or the topic does not have it
   */
  async send(app: AppName, letter: DeadLetter): Promise<void> {
    const { source, index, position } = letter;
    if (!isEvent(source)) {
      throw new Problem('not-found', 'Only events can be replayed.');
    }
    const place = { topic: this.#topics.ofLetters(app, source), partition: index, offset: position };
    const original = await originalAt(this.#connection, this.#topics.group(app, 'replay'), place);
    if (!original) throw new Problem('not-found', 'The message is no longer on the topic.');
    const { key, value, headers, timestamp } = original;
    const message = { key, value, timestamp, partition: index, headers: { ...headers, [REPLAY_FOR]: app } };
    await this.#sending.durably([{ topic: place.topic, messages: [message] }]);
  }

  async close(): Promise<void> {
    await this.#sending.close();
  }
}
