import { z } from 'zod';
import { type EventLog, type Records, StoreDamaged } from '#libs/engine/src/port.js';
import { canonical, sha256 } from '../canonical.js';
import type { DomainEvent, Fold } from '../decision.js';
import { type Folded, foldCommits } from './decode.js';
import { NO_HASH } from '../commit.js';

/** Where an app with one fold keeps its snapshots; each of several folds has a place of its own. */
export const SNAPSHOTS = 'snapshots';

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
  versions: z.record(z.string(), z.int().positive()),
  state: z.unknown(),
  checksum: z.string(),
});

export const beforeFirst = <State>({ initial }: Pick<Fold<State, never>, 'initial'>): Folded<State> => ({
  state: initial,
  version: 0,
  hash: NO_HASH,
  lastAt: 0,
  commitVersion: 0,
  versions: {},
});

export function snapshotOf<State>(
  { snapshotVersion }: Pick<Fold<State, never>, 'snapshotVersion'>,
  folded: Folded<State>,
): Snapshot<State> {
  const rest = { snapshotVersion, ...folded };
  return { ...rest, checksum: sha256(canonical(rest)) };
}

/** What is kept of the stream, if it can be trusted: whole, and of this fold's version. */
async function keptFold<State>(
  { snapshotVersion }: Pick<Fold<State, never>, 'snapshotVersion'>,
  snapshots: Records<Snapshot<State>>,
  stream: string,
): Promise<{ kept?: Folded<State>; ignored?: string }> {
  let snapshot: Snapshot<State> | undefined;
  try {
    snapshot = await snapshots.get([stream]);
  } catch (error) {
    if (error instanceof StoreDamaged) return { ignored: 'it cannot be read' };
    throw error;
  }
  if (snapshot === undefined) return {};
  if (!envelope.safeParse(snapshot).success) return { ignored: 'its shape is not that of a snapshot' };
  const { checksum, snapshotVersion: its, ...kept } = snapshot;
  if (its !== snapshotVersion) return { ignored: 'it is of another version' };
  if (snapshotOf({ snapshotVersion }, kept).checksum !== checksum) return { ignored: 'its checksum is wrong' };
  return { kept };
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
  const { kept, ignored } = await keptFold(fold, snapshots, stream);
  if (kept === undefined) {
    return { ...(await fromTheBeginning(fold, log, stream)), ...(ignored !== undefined && { ignored }) };
  }
  // The snapshot's own last commit is read again, so that a snapshot of another history is seen without a second read.
  const [last, ...tail] = await log.read(stream, kept.commitVersion - 1);
  if (last?.version !== kept.commitVersion || last.events.at(-1)?.hash !== kept.hash) {
    return { ...(await fromTheBeginning(fold, log, stream)), ignored: 'it is not of this log' };
  }
  const folded = foldCommits(fold, kept, tail);
  return { folded, replayed: folded.version - kept.version };
}

async function fromTheBeginning<State, Event extends DomainEvent>(
  fold: Fold<State, Event>,
  log: EventLog,
  stream: string,
): Promise<{ folded: Folded<State>; replayed: number }> {
  const folded = foldCommits(fold, beforeFirst(fold), await log.read(stream));
  return { folded, replayed: folded.version };
}
