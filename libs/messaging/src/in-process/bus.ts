import type { Logger } from 'pino';
import type { AppName } from '#libs/contracts/src/http/endpoint.js';
import { Problem } from '#libs/contracts/src/problems.js';
import type { Engine } from '#libs/engine/src/port.js';
import { requestContracts } from '../answering.js';
import type { ConsumerCounters } from '../consuming/consumer-status.js';
import { documentOf } from '../failures.js';
import type { AppBus, Bus } from '../port.js';
import type { Ask } from '../requests.js';
import { Member, type Members } from './member.js';
import type { SourceFeed } from './source-feed.js';

export interface BusOptions {
  readonly logger: Logger;
  /** For the times in dead letters and health. */
  readonly clock?: () => number;
  readonly counters?: ConsumerCounters;
  /** How long work in hand may take to end when an app leaves or the bus closes; 5 seconds unless told. */
  readonly patienceMs?: number;
}

/** A bus for apps in one process. Events are read from the apps' logs, so that none is lost when the process dies. */
export const createInProcessBus = (options: BusOptions): Bus => new InProcessBus(options);

class InProcessBus implements Bus, Members {
  readonly #members = new Map<AppName, Member>();
  readonly #leaving = new WeakMap<Member, Promise<void>>();

  constructor(private readonly options: BusOptions) {}

  join(app: AppName, engine: Engine): AppBus {
    if (this.#members.has(app)) throw new TypeError(`${app} is already on the bus`);
    const member = new Member(app, engine, this, this.options);
    this.#members.set(app, member);
    for (const other of this.#members.values()) other.follow(app, member.feed);
    return member;
  }

  async close(): Promise<void> {
    const members = [...this.#members.values()];
    // Event handlers may ask other apps, so these answer until the last of them has ended.
    await Promise.all(members.map((member) => member.stopConsuming()));
    await Promise.all(members.map((member) => this.leave(member)));
  }

  readonly ask: Ask = async ({ pattern, payload, context }) => {
    const contract = requestContracts.get(pattern);
    const answering = contract && this.#members.get(contract.app)?.answering;
    if (!answering) {
      const problem = new Problem('unavailable', `Nothing answers ${pattern} now.`, { retryAfter: 1 });
      return JSON.stringify({ problem: documentOf(problem) });
    }
    return JSON.stringify(await answering.answer(pattern, JSON.parse(payload), context));
  };

  feedOf(app: AppName): SourceFeed | undefined {
    return this.#members.get(app)?.feed;
  }

  listens(member: Member): void {
    for (const { app, feed } of this.#members.values()) member.follow(app, feed);
  }

  leave(member: Member): Promise<void> {
    const leaving = this.#leaving.get(member) ?? this.#leave(member);
    this.#leaving.set(member, leaving);
    return leaving;
  }

  async #leave(member: Member): Promise<void> {
    const others = [...this.#members.values()].filter((other) => other !== member);
    await Promise.all([
      member.stopConsuming(),
      member.stopAnswering(),
      ...others.map((other) => other.unfollow(member.app)),
    ]);
    this.#members.delete(member.app);
  }
}
