import type { Commit, Engine, EventLog, FeedItem, Records } from '#libs/engine/src/port.js';
import type { DomainEvent, Fold } from '../decision.js';
import { type Folded, foldCommit } from '../stream/decode.js';
import { beforeFirst, type Snapshot, snapshotOf, SNAPSHOTS } from '../stream/snapshots.js';

export interface Replayed {
  readonly streams: number;
  readonly events: number;
}

export interface StreamFilter {
  /** Which streams of the log are of the fold's kind; all, unless told. */
  readonly streams?: (stream: string) => boolean;
}

/** Commits of one read. */
const BATCH = 500;
/** Snapshots of one write, which the disk is waited for once. */
const WRITTEN_AT_ONCE = 5_000;

/**
 * Folds every stream of the fold's kind from its first event, in one pass over the log, and tells each stream's end.
 * Keeps one state per stream in memory. @throws StoreDamaged
 */
export async function replay<State, Event extends DomainEvent>(
  fold: Fold<State, Event>,
  { log }: Pick<Engine, 'log'>,
  onStream?: (stream: string, folded: Folded<State>) => void,
  { streams }: StreamFilter = {},
): Promise<Replayed> {
  const all = new Map<string, Folded<State>>();
  let events = 0;
  for await (const commits of commitsOf(log, streams)) {
    for (const commit of commits) {
      all.set(commit.stream, foldCommit(fold, all.get(commit.stream) ?? beforeFirst(fold), commit));
      events += commit.events.length;
    }
  }
  if (onStream !== undefined) for (const [stream, folded] of all) onStream(stream, folded);
  return { streams: all.size, events };
}

/**
 * Deletes the snapshots of the fold's kind and makes one of every stream again. A pass over the log holds the states of at
 * most `inMemory` streams; the next pass takes the streams that come after them. Safe beside running commands: a snapshot
 * that is older than the stream costs a longer tail. @throws StoreDamaged
 */
export async function rebuildSnapshots<State, Event extends DomainEvent>(
  fold: Fold<State, Event>,
  engine: Pick<Engine, 'log' | 'records'>,
  {
    collection = SNAPSHOTS,
    streams,
    inMemory = 100_000,
    batch = BATCH,
  }: StreamFilter & { readonly collection?: string; readonly inMemory?: number; readonly batch?: number } = {},
): Promise<Replayed> {
  const snapshots = engine.records<Snapshot<State>>(collection);
  await snapshots.clear();
  const counts = { streams: 0, events: 0 };
  for (let after: number | null = 0; after !== null;) {
    const held = new Map<string, Folded<State>>();
    const first = after === 0;
    let left: number | null = null;
    for await (const items of itemsOf(engine.log, after, batch)) {
      for (const { position, commit } of items) {
        const { stream, version } = commit;
        if (streams !== undefined && !streams(stream)) continue;
        const folded = held.get(stream);
        // it is of another pass, unless the log has lost its beginning
        if (folded === undefined && version > 1 && !(first && left === null)) continue;
        if (folded === undefined && held.size >= inMemory) left ??= position - 1;
        else held.set(stream, foldCommit(fold, folded ?? beforeFirst(fold), commit));
      }
    }
    await write(fold, snapshots, [...held]);
    counts.streams += held.size;
    for (const { version } of held.values()) counts.events += version;
    after = left;
  }
  return counts;
}

async function write<State>(
  fold: Pick<Fold<State, never>, 'snapshotVersion'>,
  snapshots: Records<Snapshot<State>>,
  folded: readonly (readonly [string, Folded<State>])[],
): Promise<void> {
  // one batch is on its way while the next is made
  let underWay: Promise<void> | undefined;
  for (let start = 0; start < folded.length; start += WRITTEN_AT_ONCE) {
    const puts = folded
      .slice(start, start + WRITTEN_AT_ONCE)
      .map(([stream, end]) => ({ put: [stream], value: snapshotOf(fold, end) }));
    await underWay;
    underWay = snapshots.write(puts);
  }
  await underWay;
}

/** The log from its first commit to its present end, in batches. */
export async function* commitsOf(
  log: EventLog,
  streams?: (stream: string) => boolean,
  batch = BATCH,
): AsyncGenerator<Commit[]> {
  for await (const items of itemsOf(log, 0, batch)) {
    const commits = items.map(({ commit }) => commit);
    yield streams === undefined ? commits : commits.filter(({ stream }) => streams(stream));
  }
}

async function* itemsOf({ feed }: EventLog, from: number, batch: number): AsyncGenerator<readonly FeedItem[]> {
  for (let after = from; ;) {
    const items = await feed.read(after, batch);
    const last = items.at(-1);
    if (last === undefined) return;
    after = last.position;
    yield items;
  }
}
