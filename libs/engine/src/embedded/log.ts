import { hash } from 'node:crypto';
import type { Database } from 'lmdb';
import {
  StoreDamaged,
  StoreUnavailable,
  VersionConflict,
  type Commit,
  type EventLog,
  type FeedItem,
  type Head,
} from '../port.js';
import { lruOf } from '../lru.js';
import { checkCommit, missingCommit } from '../commit-rules.js';
import { decodeCommit, encodeCommit } from './commit-text.js';
import { EmbeddedFeed } from './feed.js';
import { above, keyBytes, keyCoding, positionCoding } from './driver/keys.js';
import type { DriverKey, Store } from './driver/store.js';

const READ_BATCH = 512;
/** Streams whose end is remembered. */
const ENDS = 20_000;
const ONE_EVENT = ' 1';
const LAST_POSITION = 2 ** 48 - 1;

/** Where a commit stands in the log, and how many events it has. */
interface IndexEntry {
  readonly stream: string;
  readonly version: number;
  readonly position: number;
  readonly events: number;
}

/** What the driver declares of `put` leaves this out: it fails unless the key is the last, and fills pages whole. */
interface AppendOnly extends Omit<Database<string, number>, 'put'> {
  put(position: number, text: string, options: { append: true }): Promise<boolean>;
}

/**
 * Three collections:
 * - `log`: position → commit, in write order;
 * - `streams`: [stream, version of the first event] → position and number of events;
 * - `commands`: [stream, hash of the command's id] → position, for commits that answer a command.
 *
 * A commit goes in if its entry in `streams` is new, decided by LMDB in the transaction that writes it. Positions are
 * given out when `append` is called, and the driver writes in that order: whoever sees a position sees all before it.
 */
export class EmbeddedLog implements EventLog {
  readonly shared = false;
  readonly feed: EmbeddedFeed;
  readonly #log: AppendOnly;
  readonly #streams: Database<string, DriverKey>;
  readonly #commands: Database<string, DriverKey>;
  /** Version of a stream's last event: this process alone appends. */
  readonly #ends = lruOf<number>(ENDS);
  #position: number;

  constructor(private readonly store: Store) {
    this.#log = required(store, store.open<number>('log', positionCoding));
    this.#streams = required(store, store.open<DriverKey>('streams', keyCoding));
    this.#commands = required(store, store.open<DriverKey>('commands', keyCoding));
    this.#position = this.#lastPosition();
    const end = store.readOnly ? Infinity : this.#position;
    this.feed = new EmbeddedFeed(end, (after, limit) => this.#readLog(after, limit));
  }

  async append(commit: Commit): Promise<void> {
    const { stream, version } = commit;
    checkCommit(commit);
    const text = encodeCommit(commit);
    const follows = version === 1 || this.#ends.get(stream) === version - 1;
    if (!follows && !this.store.read(() => this.#endsAt(stream, version - 1))) {
      throw new VersionConflict(stream, version);
    }
    const key = [stream, version];
    const command = this.#newCommand(commit);
    const position = ++this.#position;
    let inPlace: Promise<boolean> | undefined;
    const written = await this.store.write(() =>
      this.#streams.ifNoExists(key, () => {
        void this.#streams.put(key, `${position} ${commit.events.length}`);
        // A transaction that fails is told by the condition's promise.
        inPlace = this.#log.put(position, text, { append: true }).catch(() => false);
        if (command !== undefined) void this.#commands.put(command, `${position}`);
      }),
    );
    if (!written) {
      const there = this.store.read(() => this.#at(stream, version));
      if (there?.commitId !== commit.commitId) throw new VersionConflict(stream, version);
      return;
    }
    if (!(await inPlace)) throw new StoreDamaged(`${this.store.file} is written by another process too`);
    this.#ends.set(stream, version + commit.events.length - 1);
    this.feed.appended(position, commit);
  }

  async read(stream: string, afterVersion = 0): Promise<Commit[]> {
    const commits: Commit[] = [];
    for (let after = afterVersion; ;) {
      const batch = this.store.read(() => this.#readStream(stream, after));
      for (const commit of batch) commits.push(commit);
      const last = batch.at(-1);
      if (last === undefined || batch.length < READ_BATCH) return commits;
      after = last.version;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async head(stream: string): Promise<Head | null> {
    return this.store.read(() => {
      const entry = this.#lastEntry(stream, LAST_POSITION);
      if (entry === undefined) return null;
      const last = this.#load(entry).events.at(-1);
      if (last === undefined) throw contradiction(entry);
      return { version: entry.version + entry.events - 1, hash: last.hash };
    });
  }

  async findCommand(stream: string, commandId: string): Promise<Commit | null> {
    return this.store.read(() => {
      const position = this.#commands.get(commandKey(stream, commandId));
      if (position === undefined) return null;
      const commit = this.#decode(Number(position));
      if (commit.stream !== stream || commit.metadata.command?.id !== commandId) {
        throw new StoreDamaged(`stream ${stream}: the index of commands does not fit the log`);
      }
      return commit;
    });
  }

  /** Whether there is a log to read; throws what a read would throw. */
  check(): void {
    const last = this.store.read(() => this.#lastPosition());
    if (last > 0) this.store.read(() => this.#decode(last));
  }

  /** Index key of the commit's command; undefined: it has none, or an earlier commit has answered that command. */
  #newCommand({ stream, metadata }: Commit): DriverKey | undefined {
    if (metadata.command === undefined) return undefined;
    const key = commandKey(stream, metadata.command.id);
    return this.store.read(() => this.#commands.get(key)) === undefined ? key : undefined;
  }

  #readStream(stream: string, afterVersion: number): Commit[] {
    const start = keyBytes([stream, afterVersion + 1]);
    const range = { start, end: above(keyBytes([stream])), limit: READ_BATCH };
    const entries: IndexEntry[] = [];
    for (const { key, value } of this.#streams.getRange(range)) entries.push(entryOf(key, value));

    const first = entries[0];
    if (first === undefined) return [];
    if (first.version > 1 && !this.#endsAt(stream, first.version - 1)) throw missingCommit(stream, first.version - 1);
    let next = first.version;
    return entries.map((entry) => {
      if (entry.version !== next) throw missingCommit(stream, next);
      next += entry.events;
      return this.#load(entry);
    });
  }

  /** Whether the last event before those of a commit that is to follow has that version. */
  #endsAt(stream: string, version: number): boolean {
    // Most commits have one event: then the entry's key is known.
    const text = this.#streams.get([stream, version]);
    if (text !== undefined) return text.endsWith(ONE_EVENT);
    const entry = this.#lastEntry(stream, version);
    return entry !== undefined && entry.version + entry.events - 1 === version;
  }

  /** The last commit of the stream that begins at that version or before. */
  #lastEntry(stream: string, version: number): IndexEntry | undefined {
    const start = above(keyBytes([stream, version]));
    const range = { start, end: keyBytes([stream]), reverse: true, limit: 1 };
    for (const { key, value } of this.#streams.getRange(range)) return entryOf(key, value);
    return undefined;
  }

  #at(stream: string, version: number): Commit | undefined {
    const text = this.#streams.get([stream, version]);
    return text === undefined ? undefined : this.#load(entryOf([stream, version], text));
  }

  #load(entry: IndexEntry): Commit {
    const commit = this.#decode(entry.position);
    const { stream, version, events } = entry;
    if (commit.stream !== stream || commit.version !== version || commit.events.length !== events) {
      throw contradiction(entry);
    }
    return commit;
  }

  #decode(position: number): Commit {
    const text = this.#log.get(position);
    if (text === undefined) throw new StoreDamaged(`the commit at position ${position} of the log is missing`);
    return decodeCommit(text, position);
  }

  #readLog(after: number, limit: number): FeedItem[] {
    return this.store.read(() => {
      const items: FeedItem[] = [];
      const range = { start: after + 1, end: LAST_POSITION, limit };
      for (const { key, value } of this.#log.getRange(range)) {
        items.push({ position: key, commit: decodeCommit(value, key) });
      }
      return items;
    });
  }

  #lastPosition(): number {
    const range = { start: LAST_POSITION, end: 0, reverse: true, limit: 1 };
    for (const position of this.#log.getKeys(range)) return position;
    return 0;
  }
}

function required<Collection>(store: Store, collection: Collection | undefined): Collection {
  if (collection === undefined) throw new StoreUnavailable(`${store.file} holds no log`);
  return collection;
}

/** A command's id comes from outside and may be long. */
const commandKey = (stream: string, commandId: string): string[] => [stream, hash('sha256', commandId, 'base64url')];

function entryOf(key: DriverKey, text: string): IndexEntry {
  const [stream, version] = key;
  const [position, events] = text.split(' ').map(Number);
  return { stream: String(stream), version: Number(version), position: position ?? 0, events: events ?? 0 };
}

const contradiction = ({ stream, version }: IndexEntry): StoreDamaged =>
  new StoreDamaged(`stream ${stream}, version ${version}: the index of streams does not fit the log`);
