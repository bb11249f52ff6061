import { LRUCache } from 'lru-cache';
import type { Commit, Engine, EventLog, Records } from '#libs/engine/src/port.js';
import type { DomainEvent, Fold } from './decision.js';
import { type Folded, foldCommits } from './stream/decode.js';
import { beforeFirst, foldStream, type Snapshot, snapshotOf } from './stream/snapshots.js';

export interface Replayed {
  readonly streams: number;
  readonly events: number;
}

export interface StreamFilter {
  /** Which streams of the log are of the fold's kind; all, unless told. */
  readonly streams?: (stream: string) => boolean;
}

const BATCH = 500;

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
      all.set(commit.stream, foldCommits(fold, all.get(commit.stream) ?? beforeFirst(fold), [commit]));
      events += commit.events.length;
    }
  }
  if (onStream !== undefined) for (const [stream, folded] of all) onStream(stream, folded);
  return { streams: all.size, events };
}

/**
 * Deletes the snapshots of the fold's kind and makes one of every stream again, in one pass over the log. A stream that
 * falls out of memory waits in its snapshot until its next event comes by. Safe beside running commands: a snapshot that
 * is older than the stream costs a longer tail. @throws StoreDamaged
 */
export async function rebuildSnapshots<State, Event extends DomainEvent>(
  fold: Fold<State, Event>,
  engine: Pick<Engine, 'log' | 'records'>,
  {
    collection = 'snapshots',
    streams,
    inMemory = 20_000,
    batch = BATCH,
  }: StreamFilter & { readonly collection?: string; readonly inMemory?: number; readonly batch?: number } = {},
): Promise<Replayed> {
  const snapshots = engine.records<Snapshot<State>>(collection);
  await snapshots.clear();
  const spilled = new Map<string, Folded<State>>();
  const recent = new LRUCache<string, Folded<State>>({
    max: inMemory,
    dispose: (folded, stream, reason) => {
      if (reason === 'evict') spilled.set(stream, folded);
    },
  });

  const counts = { streams: 0, events: 0 };
  for await (const commits of commitsOf(engine.log, streams, batch)) {
    for (const commit of commits) {
      const { stream } = commit;
      let folded = recent.get(stream) ?? spilled.get(stream);
      if (folded === undefined && commit.version > 1) {
        ({ folded } = await foldStream(fold, { log: engine.log, snapshots }, stream));
      }
      folded ??= beforeFirst(fold);
      // A snapshot, or a tail that was read with it, may be ahead of the pass.
      if (folded.version < commit.version) folded = foldCommits(fold, folded, [commit]);
      spilled.delete(stream);
      recent.set(stream, folded);
      counts.events += commit.events.length;
      if (commit.version === 1) counts.streams++;
    }
    if (spilled.size >= batch) {
      await write(fold, snapshots, [...spilled]);
      spilled.clear();
    }
  }
  await write(fold, snapshots, [...spilled, ...recent.entries()]);
  return counts;
}

async function write<State>(
  fold: Pick<Fold<State, never>, 'snapshotVersion'>,
  snapshots: Records<Snapshot<State>>,
  folded: readonly (readonly [string, Folded<State>])[],
): Promise<void> {
  for (let start = 0; start < folded.length; start += BATCH) {
    const batch = folded.slice(start, start + BATCH);
    await snapshots.write(batch.map(([stream, end]) => ({ put: [stream], value: snapshotOf(fold, end) })));
  }
}

/** The log from its first commit to its present end, in batches. */
export async function* commitsOf(
  log: EventLog,
  streams?: (stream: string) => boolean,
  batch = BATCH,
): AsyncGenerator<Commit[]> {
  for (let after = 0; ;) {
    const items = await log.feed.read(after, batch);
    const last = items.at(-1);
    if (last === undefined) return;
    after = last.position;
    const commits = items.map(({ commit }) => commit);
    yield streams === undefined ? commits : commits.filter(({ stream }) => streams(stream));
  }
}
