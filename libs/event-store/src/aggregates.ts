import type { LRUCache } from 'lru-cache';
import type { Context } from '#libs/contracts/src/context.js';
import { Problem } from '#libs/contracts/src/problems.js';
import { lruOf } from '#libs/engine/src/lru.js';
import { type EventLog, type Records, StoreDamaged, StoreUnavailable, VersionConflict } from '#libs/engine/src/port.js';
import { encodeCommit } from './commit.js';
import { newCommitId } from './commit-id.js';
import type { Decision, DomainEvent, Fold, Recorded } from './decision.js';
import { keysFor, sealEvents, type SealingKeys } from './sealing.js';
import { type Folded, foldCommits } from './stream/decode.js';
import { foldStream, type Snapshot, snapshotOf } from './stream/snapshots.js';
import { KeyedMutex } from './stream/keyed-mutex.js';

export type Aggregate<State> = Folded<State>;

/** What a decision may know beside the state: the time in milliseconds, never before that of the stream's last event. */
export interface DecisionPoint {
  readonly now: number;
  readonly version: number;
}

/** Pure, but for what it reads to decide. Called again with newer state when another process was first. */
export type Decide<State, Event extends DomainEvent, Answer> = (
  state: State,
  at: DecisionPoint,
) => Decision<Event, Answer> | Promise<Decision<Event, Answer>>;

export interface AggregatesOptions<State> {
  readonly log: EventLog;
  /** One collection per fold. */
  readonly snapshots: Records<Snapshot<State>>;
  readonly clock: () => number;
  /** Needed where events say of a person, or of where an act came from. */
  readonly keys?: SealingKeys;
  /** Told of a stream whose events do not fit together. */
  readonly onDamage?: (damage: StoreDamaged) => void;
  /** A pino logger fits. */
  readonly logger?: StoreLogger;
  /** Streams kept in memory; 20,000 unless told. */
  readonly cacheSize?: number;
  /** A stream gets a snapshot each time it passes a multiple of so many events; 32 unless told. */
  readonly snapshotEvery?: number;
}

export interface StoreLogger {
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Decisions in a row that may come too late before the caller is told to try again. */
const MOST_CONFLICTS = 50;

/** The streams of one kind: their state, and the one way to change it. */
export class Aggregates<State, Event extends DomainEvent> {
  readonly #log: EventLog;
  readonly #cache: LRUCache<string, Folded<State>>;
  readonly #mutex = new KeyedMutex();
  readonly #snapshotEvery: number;
  readonly #snapshotsUnderWay = new Map<string, Promise<void>>();

  constructor(
    private readonly fold: Fold<State, Event>,
    private readonly options: AggregatesOptions<State>,
  ) {
    this.#log = options.log;
    this.#cache = lruOf(options.cacheSize ?? 20_000);
    this.#snapshotEvery = options.snapshotEvery ?? 32;
  }

  /**
   * The stream as the log has it now. Not to be called for a stream from within a decision about it: it may wait for its turn.
   * @throws Problem `unavailable`
   */
  async load(stream: string): Promise<Aggregate<State>> {
    try {
      const cached = this.#cache.get(stream);
      if (cached !== undefined && (!this.#log.shared || (await this.#isHead(stream, cached)))) return cached;
      await this.#mutex.acquire(stream);
      try {
        const present = this.#cache.get(stream);
        if (present === undefined) return await this.#read(stream);
        return this.#log.shared ? await this.#catchUp(stream, present) : present;
      } finally {
        this.#mutex.release(stream);
      }
    } catch (error) {
      throw this.#refusal(stream, error);
    }
  }

  /**
   * Decides, records what was decided, and only then answers. Commands of one stream take turns. `recorded` says how far the
   * stream has come by then. A command that was recorded before gets the recorded answer.
   * @throws Problem `unavailable`, `command-id-reused`; and whatever the decision throws
   */
  async execute<Answer>(
    stream: string,
    context: Context,
    decide: Decide<State, Event, Answer>,
  ): Promise<{ answer: Answer; recorded: Recorded }> {
    const turn = this.#mutex.acquire(stream);
    if (turn !== undefined) await turn;
    try {
      return await this.#inTurn(stream, context, decide);
    } catch (error) {
      throw this.#refusal(stream, error);
    } finally {
      this.#mutex.release(stream);
    }
  }

  /** How far the stream has come. @throws Problem `unavailable` */
  async recorded(stream: string): Promise<Recorded> {
    return this.#recorded(stream, await this.load(stream));
  }

  /** Resolves when the snapshots that are under way are written, or have failed. */
  async settled(): Promise<void> {
    while (this.#snapshotsUnderWay.size > 0) await Promise.all(this.#snapshotsUnderWay.values());
  }

  async #inTurn<Answer>(stream: string, context: Context, decide: Decide<State, Event, Answer>) {
    let present = this.#cache.get(stream);
    // Whether the state was read from the log after this command came, or cannot have been changed by anyone else.
    let certain = !this.#log.shared;
    if (present === undefined) {
      present = await this.#read(stream);
      certain = true;
    }
    for (let conflicts = 0; conflicts < MOST_CONFLICTS; conflicts++) {
      if (context.command !== undefined && (context.command.first !== true || conflicts > 0)) {
        // Looked up after the state was read: a delivery recorded since then makes the append below conflict.
        const before = await this.#answered<Answer>(stream, context.command);
        if (before !== null) {
          if (before.version > present.version) present = await this.#catchUp(stream, present);
          return { answer: before.answer, recorded: this.#recorded(stream, present) };
        }
      }
      const { version } = present;
      const now = Math.max(Math.trunc(this.options.clock()), present.lastAt);
      let decision: Decision<Event, Answer>;
      try {
        const made = decide(present.state, { now, version });
        decision = 'then' in made ? await made : made;
      } catch (error) {
        // what was read may have changed while it was decided upon: secrets go when another process resets
        if (!this.#log.shared || (await this.#isHead(stream, present))) throw error;
        present = await this.#catchUp(stream, present);
        certain = true;
        continue;
      }
      const { events, answer } = decision;
      if (events.length === 0) {
        if (certain || (await this.#isHead(stream, present)))
          return { answer, recorded: this.#recorded(stream, present) };
      } else {
        const appended = await this.#append(stream, present, context, events, now, answer);
        if (appended !== null) return { answer, recorded: this.#recorded(stream, appended) };
      }
      present = await this.#catchUp(stream, present);
      certain = true;
    }
    throw new Problem('unavailable', 'Too many changes to the same account at the same time.', { retryAfter: 1 });
  }

  /** Null: another process was first. */
  async #append(
    stream: string,
    present: Folded<State>,
    context: Context,
    events: readonly Event[],
    at: number,
    answer: unknown,
  ): Promise<Folded<State> | null> {
    const { fold } = this;
    const commitId = newCommitId();
    const found = keysFor(this.options.keys, { stream, at, context, events });
    const keys = 'then' in found ? await found : found;
    const sealed = sealEvents(events, { contracts: fold.contracts, commitId, client: context.client, keys });
    const commit = encodeCommit(present, { fold, stream, commitId, at, context, events: sealed, answer });
    // Folded first: what cannot be folded must not be recorded.
    let { state, version } = present;
    const versions = { ...present.versions };
    for (const event of sealed) {
      state = fold.evolve(state, event, at);
      versions[event.type] = version += 1;
    }
    try {
      await this.#log.append(commit);
    } catch (error) {
      if (error instanceof VersionConflict) return null;
      // It is unknown what the stream ends with.
      this.#cache.delete(stream);
      throw error;
    }
    const hash = commit.events[events.length - 1]?.hash ?? present.hash;
    const folded: Folded<State> = { state, version, hash, lastAt: at, commitVersion: commit.version, versions };
    this.#cache.set(stream, folded);
    if (version % this.#snapshotEvery < events.length) this.#keepSnapshot(stream, folded);
    return folded;
  }

  #recorded(stream: string, { versions }: Folded<State>): Recorded {
    return { source: this.fold.app, stream, versions };
  }

  /** What the command was answered when it was recorded; null: it was not. */
  async #answered<Answer>(stream: string, { id, digest }: NonNullable<Context['command']>) {
    const commit = await this.#log.findCommand(stream, id);
    if (commit === null) return null;
    const { command } = commit.metadata;
    if (command?.digest !== digest) throw new Problem('command-id-reused');
    return { answer: command.answer as Answer, version: commit.version };
  }

  async #isHead(stream: string, { version, hash }: Folded<State>): Promise<boolean> {
    const head = await this.#log.head(stream);
    return head === null ? version === 0 : head.version === version && head.hash === hash;
  }

  async #read(stream: string): Promise<Folded<State>> {
    const { folded, replayed, ignored } = await foldStream(this.fold, this.options, stream);
    if (ignored !== undefined) this.options.logger?.warn({ stream, reason: ignored }, 'snapshot ignored');
    this.#cache.set(stream, folded);
    if (replayed >= this.#snapshotEvery) this.#keepSnapshot(stream, folded);
    return folded;
  }

  /** What others have appended since, folded into what this process remembers. */
  async #catchUp(stream: string, present: Folded<State>): Promise<Folded<State>> {
    const tail = await this.#log.read(stream, present.version);
    if (tail.length === 0) return this.#read(stream);
    const folded = foldCommits(this.fold, present, tail);
    this.#cache.set(stream, folded);
    return folded;
  }

  /** Nobody waits for a snapshot, and one that is lost costs a longer tail. */
  #keepSnapshot(stream: string, folded: Folded<State>): void {
    if (this.#snapshotsUnderWay.has(stream)) return;
    const write = async () => this.options.snapshots.put([stream], snapshotOf(this.fold, folded));
    const underWay = write()
      .catch((error: unknown) => this.options.logger?.warn({ stream, err: error }, 'snapshot not written'))
      .finally(() => this.#snapshotsUnderWay.delete(stream));
    this.#snapshotsUnderWay.set(stream, underWay);
  }

  /** What the caller may know of an error. */
  #refusal(stream: string, error: unknown): unknown {
    if (error instanceof StoreUnavailable) {
      const problem = new Problem('unavailable', 'The store is temporarily unavailable.', { retryAfter: 1 });
      // an app that is starting waits for it
      problem.cause = error;
      return problem;
    }
    if (error instanceof StoreDamaged) {
      this.#cache.delete(stream);
      this.options.onDamage?.(error);
      this.options.logger?.error({ stream, err: error }, 'stream is damaged');
      return new Problem('unavailable', 'The store cannot be read.', { retryAfter: 60 });
    }
    return error;
  }
}
