/**
 * What an app needs of its storage: an event log, and named collections of records. One engine belongs to one app;
 * adapters: `embedded/` (LMDB), `mongo/`. Whatever resolves is durable: it survives kill -9 and a power cut.
 */
export interface Engine {
  readonly log: EventLog;
  /** The same name gives the same collection. Values are JSON. */
  records<Value>(name: string): Records<Value>;
  /** Accounts whose deletion outlives what is stored of them. */
  readonly erasures: Erasures;
  /** Rejects when the engine cannot serve, and from the first damage on until the next start. @throws StoreUnavailable, StoreDamaged */
  check(): Promise<void>;
  /** For callers, to report damage that the engine cannot see itself: events that do not fit together. */
  readonly damaged: (damage: Error) => void;
  close(): Promise<void>;
}

/**
 * The accounts that were deleted, kept beside the store and in no backup of it: a store that is restored learns by this what is
 * to be deleted again (R42).
 */
export interface Erasures {
  /** Durable when it resolves. Doing it again changes nothing. */
  add(portal: string, account: string): Promise<void>;
  /** Each once. */
  all(): AsyncIterable<readonly [portal: string, account: string]>;
}

/** One event as it is stored. Whatever is read was checked against its hash. */
export interface StoredEvent {
  /** Name in the log: `AttemptFailed`. */
  readonly name: string;
  /** RFC 8785 text of the HTTP form without `hash`. */
  readonly body: string;
  /** SHA-256 of `body`, hex. */
  readonly hash: string;
}

/** The events of one decision: written as one document, all or none. */
export interface Commit {
  /** `portal/account`, or `portal` alone. */
  readonly stream: string;
  /** Stream version of the first event; versions start at 1 and have no gaps. */
  readonly version: number;
  /** Made by the caller, unique. */
  readonly commitId: string;
  /** Milliseconds since 1970. Never less than that of the commit before in the stream. */
  readonly at: number;
  readonly events: readonly StoredEvent[];
  readonly metadata: CommitMetadata;
}

export interface CommitMetadata {
  /** Present when the commit answers a command that may be delivered again: `findCommand` finds it. */
  readonly command?: { readonly id: string; readonly digest: string; readonly answer: unknown };
}

export interface Head {
  readonly version: number;
  readonly hash: string;
}

export interface EventLog {
  /** Whether other processes append to this log too, so that what this process remembers may be old. */
  readonly shared: boolean;
  /**
   * Appends if the stream ends at `commit.version - 1`.
   * Appending the same commit (same commitId) again is success without effect.
   * @throws VersionConflict another commit has that version
   * @throws StoreUnavailable the outcome could not be learned
   */
  append(commit: Commit): Promise<void>;
  /** Commits of a stream whose first event is after `afterVersion`, in order. @throws StoreDamaged */
  read(stream: string, afterVersion?: number): Promise<Commit[]>;
  /** Version and hash of the last event; null for an empty stream. */
  head(stream: string): Promise<Head | null>;
  /** The commit in this stream that answered that command. */
  findCommand(stream: string, commandId: string): Promise<Commit | null>;
  readonly feed: Feed;
}

/** Everything in the log, each stream in version order; nothing skipped. */
export interface Feed {
  /**
   * At most `limit` commits after that position (0: from the start), oldest first. None: there is nothing more to read now.
   * @throws StoreDamaged, StoreUnavailable
   */
  read(after: number, limit: number): Promise<FeedItem[]>;
  /**
   * Calls back soon after something was appended. Returns the way to stop it. Where the log is shared it tells only of what
   * this process appends: look again from time to time.
   */
  onAppend(listener: () => void): () => void;
}
export interface FeedItem {
  readonly position: number;
  readonly commit: Commit;
}

/** Keys are tuples, ordered part by part, strings by code point; numbers are non-negative integers. All keys of a collection have the same kinds of parts. */
export type Key = readonly (string | number)[];

export interface Records<Value> {
  get(key: Key): Promise<Value | undefined>;
  put(key: Key, value: Value): Promise<void>;
  /** Puts if there is none. False: there was one, nothing changed. */
  create(key: Key, value: Value): Promise<boolean>;
  /** Puts if the present value equals `expected` (deeply). False: it does not, nothing changed. */
  replace(key: Key, expected: Value, value: Value): Promise<boolean>;
  /** True if there was one; of many at once, one caller is told true. */
  delete(key: Key): Promise<boolean>;
  /** Deletes if the present value equals `expected` (deeply). False: it does not, nothing changed. */
  remove(key: Key, expected: Value): Promise<boolean>;
  /** In key order. `prefix` limits to keys that begin with it; `after` is exclusive. */
  list(range: { prefix?: Key; after?: Key; limit?: number; reverse?: boolean }): Promise<{ key: Key; value: Value }[]>;
  /** Many at once, in this order; all or none where the engine can, else so that doing it again heals it. */
  write(operations: readonly ({ put: Key; value: Value } | { delete: Key })[]): Promise<void>;
  /** Deletes all. For projections that are rebuilt. */
  clear(): Promise<void>;
}

/** The stream has moved on: load again and decide again. */
export class VersionConflict extends Error {
  override readonly name = 'VersionConflict';
  constructor(
    readonly stream: string,
    readonly version: number,
  ) {
    super(`another commit has version ${version} of stream ${stream}`);
  }
}

/** The engine is away, or full; what was asked may or may not have happened. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
}

/** The outage that an error is, or tells of; undefined: it is something else. */
export function outageBehind(error: unknown): StoreUnavailable | undefined {
  if (error instanceof StoreUnavailable) return error;
  return error instanceof Error && error.cause instanceof StoreUnavailable ? error.cause : undefined;
}

/** What is stored is not what was written. Never repaired by itself. */
export class StoreDamaged extends Error {
  override readonly name = 'StoreDamaged';
}
