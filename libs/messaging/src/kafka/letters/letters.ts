import type { AppName } from '#libs/contracts/src/http/endpoint.js';
import type { DeadLetterMessage } from '#libs/contracts/src/messages/dead-letter.js';
import { Problem } from '#libs/contracts/src/problems.js';
import type { Engine } from '#libs/engine/src/port.js';
import type { Adoptions } from '../../adopting/adoptions.js';
import { DEAD_LETTERS } from '../../collections.js';
import { type DeadLetter, DeadLetters, isEvent } from '../../consuming/dead-letters.js';
import { deliver } from '../../consuming/deliveries.js';
import type { Subscription } from '../../consuming/subscriptions.js';
import type { KafkaConnection, KafkaMessage } from '../cluster/connection.js';
import { deliveryOf } from '../events/event-consumer.js';
import { originalAt } from './original.js';
import type { Sending } from '../cluster/sending.js';
import type { Topics } from '../cluster/topics.js';

/** A message that is for no handler. */
export interface BadMessage {
  readonly topic: string;
  readonly partition: number;
  readonly message: KafkaMessage;
  /** Says nothing of the content. */
  readonly reason: string;
}

interface LettersOptions {
  readonly app: AppName;
  readonly engine: Pick<Engine, 'records'>;
  readonly connection: KafkaConnection;
  readonly sending: Sending;
  readonly topics: Topics;
  readonly subscriptions: () => readonly Subscription[];
  readonly adoptions: Adoptions;
}

/** Dead letters of one app: in its records, where they are listed and replayed, and on its topic, for whoever watches. */
export class Letters {
  readonly all: DeadLetters;

  constructor(private readonly options: LettersOptions) {
    this.all = new DeadLetters(options.engine.records(DEAD_LETTERS), (letter) => this.#replay(letter));
  }

  async put(letter: DeadLetter): Promise<void> {
    const { sending, topics, app } = this.options;
    await this.all.put(letter);
    const { source, position, index, ...rest } = letter;
    const message: DeadLetterMessage = {
      ...rest,
      topic: topics.ofLetters(app, source),
      partition: index,
      offset: position,
    };
    const messages = [{ key: letter.stream || null, value: JSON.stringify(message) }];
    await sending.durably([{ topic: topics.deadLetters(app), messages }]);
  }

  async #replay({ source, position, index }: DeadLetter): Promise<void> {
    if (!isEvent(source)) {
      throw new Problem('not-found', 'Only events can be replayed.');
    }
    const subscription = this.options.subscriptions().find((one) => one.source === source);
    if (!subscription) throw new Problem('unavailable', `${source} is not on the bus.`, { retryAfter: 1 });
    const { connection, topics, app } = this.options;
    const place = { topic: topics.ofLetters(app, source), partition: index, offset: position };
    const message = await originalAt(connection, topics.group(app, 'replay'), place);
    const read = message && deliveryOf(source, message, index, () => true);
    if (!read) throw new Problem('not-found', `The event is no longer on the topic of ${source}.`);
    await deliver(subscription, read.delivery, this.options.adoptions);
  }
}
