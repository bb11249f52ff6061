import { isSource } from '#libs/contracts/src/events/events.js';
import type { AppName } from '#libs/contracts/src/http/endpoint.js';
import type { LetterSource } from '../../consuming/dead-letters.js';
import type { Admin } from './connection.js';

export interface TopicOptions {
  /** What the names begin with. */
  readonly prefix: string;
  /** Of topics that are made; later changes are the operator's. */
  readonly partitions: number;
  readonly replication: number;
}

const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;
/** Of requests and replies: nobody waits longer. */
const SHORT = { 'retention.ms': `${MINUTE}`, 'segment.ms': `${MINUTE}` };
/** Of all topics: brokers refuse the times of a sender whose clock is an hour ahead. */
const BY_BROKER = { 'message.timestamp.type': 'LogAppendTime' };

export interface Topic {
  readonly topic: string;
  readonly partitions: number;
  readonly config: Readonly<Record<string, string>>;
}

/** What the topics of replies to commands from outside begin with; their senders make them. */
export const commandReplies = (prefix: string): string => `${prefix}.command-replies.`;

/** The names of the topics, and their making. */
export class Topics {
  constructor(private readonly options: TopicOptions) {}

  readonly events = (app: AppName): string => this.#name(app, 'events');
  readonly requests = (app: AppName): string => this.#name(app, 'requests');
  readonly replies = (app: AppName): string => this.#name(app, 'replies');
  readonly deadLetters = (app: AppName): string => this.#name(app, 'dead-letter');
  readonly commands = (app: AppName): string => this.#name(app, 'commands');

  /** Where the messages came from that the dead letters of an app tell of. */
  ofLetters(app: AppName, source: LetterSource): string {
    if (source === 'requests') return this.requests(app);
    // they came from no topic
    if (source === 'mails') return source;
    return source === 'commands' ? this.commands(app) : this.events(source);
  }

  /** Name of a consumer group, begun like the app's topics so that one rule covers both. */
  group(app: AppName, of: string): string {
    return this.#name(app, of);
  }

  /** Replies to commands from outside go where outsiders may read, and nowhere else. */
  isCommandReply(topic: string): boolean {
    const begin = commandReplies(this.options.prefix);
    return topic.startsWith(begin) && /^[A-Za-z0-9_-]{1,100}$/.test(topic.slice(begin.length));
  }

  /** Makes those of the app that are missing. `commands`: it takes commands from outside. */
  async make(admin: Admin, app: AppName, commands: boolean): Promise<void> {
    const there = new Set(await admin.listTopics());
    const missing = this.of(app, commands).filter(({ topic }) => !there.has(topic));
    if (missing.length === 0) return;
    const { replication } = this.options;
    // False: another instance was first.
    await admin.createTopics({
      waitForLeaders: true,
      topics: missing.map(({ topic, partitions, config }) => ({
        topic,
        numPartitions: partitions,
        replicationFactor: replication,
        configEntries: Object.entries(config).map(([name, value]) => ({ name, value })),
      })),
    });
  }

  /** As they are made. `commands`: the app takes commands from outside. */
  of(app: AppName, commands: boolean): Topic[] {
    const { partitions } = this.options;
    const topics = [
      // For as long as the log: a consumer that is new reads from the beginning.
      ...(isSource(app) ? [{ topic: this.events(app), partitions, config: { 'retention.ms': '-1' } }] : []),
      { topic: this.requests(app), partitions, config: SHORT },
      // Each instance reads all of it.
      { topic: this.replies(app), partitions: 1, config: SHORT },
      { topic: this.deadLetters(app), partitions: 1, config: { 'retention.ms': `${30 * DAY}` } },
      ...(commands ? [{ topic: this.commands(app), partitions, config: { 'retention.ms': `${7 * DAY}` } }] : []),
    ];
    return topics.map((topic) => ({ ...topic, config: { ...topic.config, ...BY_BROKER } }));
  }

  #name(app: AppName, what: string): string {
    return `${this.options.prefix}.${app}.${what}`;
  }
}
