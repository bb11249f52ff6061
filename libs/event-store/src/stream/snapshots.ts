import { z } from 'zod';
import { type EventLog, type Records, StoreDamaged } from '#libs/engine/src/port.js';
import { canonical, sha256 } from '../canonical.js';
import type { DomainEvent, Fold } from '../decision.js';
import { type Folded, foldCommits } from './decode.js';
import { NO_HASH } from '../commit.js';

/** A folded stream as it is kept, under the key [stream]; a projection: deleting it costs time, nothing else. */
export interface Snapshot<State> extends Folded<State> {
  /** That of the fold that made it. */
  readonly snapshotVersion: number;
  /** SHA-256 over the RFC 8785 text of the rest: a state that rotted must not be believed. */
  readonly checksum: string;
}

const envelope = z.strictObject({
  snapshotVersion: z.int(),
  version: z.int().positive(),
  hash: z.string(),
  lastAt: z.int(),
  commitVersion: z.int().positive(),
  state: z.unknown(),
  checksum: z.string(),
});

export const beforeFirst = <State>({ initial }: Pick<Fold<State, never>, 'initial'>): Folded<State> => ({
  state: initial,
  version: 0,
  hash: NO_HASH,
  lastAt: 0,
  commitVersion: 0,
});

export function snapshotOf<State>(
  { snapshotVersion }: Pick<Fold<State, never>, 'snapshotVersion'>,
  folded: Folded<State>,
): Snapshot<State> {
  const rest = { snapshotVersion, ...folded };
  return { ...rest, checksum: sha256(canonical(rest)) };
}

/** What is kept of the stream, if it can be trusted: whole, and of this fold's version. */
export async function keptSnapshot<State>(
  { snapshotVersion }: Pick<Fold<State, never>, 'snapshotVersion'>,
  snapshots: Records<Snapshot<State>>,
  stream: string,
): Promise<{ snapshot: Snapshot<State> | null; ignored?: string }> {
  let kept: Snapshot<State> | undefined;
  try {
    kept = await snapshots.get([stream]);
  } catch (error) {
    if (error instanceof StoreDamaged) return { snapshot: null, ignored: 'it cannot be read' };
    throw error;
  }
  if (kept === undefined) return { snapshot: null };
  if (!envelope.safeParse(kept).success) return { snapshot: null, ignored: 'its shape is not that of a snapshot' };
  if (kept.snapshotVersion !== snapshotVersion) return { snapshot: null, ignored: 'it is of another version' };
  const { checksum, ...rest } = kept;
  if (sha256(canonical(rest)) !== checksum) return { snapshot: null, ignored: 'its checksum is wrong' };
  return { snapshot: kept };
}

/**
 * Folds a stream from its snapshot and the events after it, or from its beginning where there is no snapshot to be trusted.
 * `replayed` counts the events that were read for it.
 * @throws StoreDamaged @throws StoreUnavailable
 */
export async function foldStream<State, Event extends DomainEvent>(
  fold: Fold<State, Event>,
  { log, snapshots }: { log: EventLog; snapshots: Records<Snapshot<State>> },
  stream: string,
): Promise<{ folded: Folded<State>; replayed: number; ignored?: string }> {
  const { snapshot, ignored } = await keptSnapshot(fold, snapshots, stream);
  if (snapshot !== null) {
    // The snapshot's own last commit is read again, so that a snapshot of another history is seen without a second read.
    const [last, ...tail] = await log.read(stream, snapshot.commitVersion - 1);
    if (last?.version === snapshot.commitVersion && last.events.at(-1)?.hash === snapshot.hash) {
      const { snapshotVersion: _version, checksum: _checksum, ...kept } = snapshot;
      const folded = foldCommits(fold, kept, tail);
      return { folded, replayed: folded.version - snapshot.version };
    }
    return { ...(await fromTheBeginning(fold, log, stream)), ignored: 'it is not of this log' };
  }
  return { ...(await fromTheBeginning(fold, log, stream)), ...(ignored !== undefined && { ignored }) };
}

async function fromTheBeginning<State, Event extends DomainEvent>(
  fold: Fold<State, Event>,
  log: EventLog,
  stream: string,
): Promise<{ folded: Folded<State>; replayed: number }> {
  const folded = foldCommits(fold, beforeFirst(fold), await log.read(stream));
  return { folded, replayed: folded.version };
}
