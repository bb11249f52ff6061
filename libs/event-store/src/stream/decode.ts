import { type EventContract, presentData, typesOf } from '#libs/contracts/src/events/event.js';
import { streamOf } from '#libs/contracts/src/stream.js';
import { type Commit, StoreDamaged } from '#libs/engine/src/port.js';
import { sha256 } from '../canonical.js';
import { type EventForm, follows, formOf } from '../commit.js';
import type { DomainEvent, Fold, Sealed } from '../decision.js';

/** A stream folded up to one of its events. */
export interface Folded<State> {
  readonly state: State;
  /** Version, hash and time (milliseconds) of the last event; 0, `NO_HASH` and 0 before the first. */
  readonly version: number;
  readonly hash: string;
  readonly lastAt: number;
  /** Version of the first event of the commit that the last event stands in. */
  readonly commitVersion: number;
  /** Version of the last event of each name. */
  readonly versions: Readonly<Record<string, number>>;
}

/** Folds the commits that follow `from`, in order. @throws StoreDamaged as `foldCommit` does */
export function foldCommits<State, Event extends DomainEvent>(
  fold: Fold<State, Event>,
  from: Folded<State>,
  commits: readonly Commit[],
): Folded<State> {
  let folded = from;
  for (const commit of commits) folded = foldCommit(fold, folded, commit);
  return folded;
}

/**
 * Folds the commit that follows `from`.
 * @throws StoreDamaged an event that is not of its commit, a broken chain, or a type that no contract knows
 */
export function foldCommit<State, Event extends DomainEvent>(
  fold: Fold<State, Event>,
  from: Folded<State>,
  commit: Commit,
): Folded<State> {
  let { state, version, hash } = from;
  const versions = { ...from.versions };
  for (let index = 0; index < commit.events.length; index++) {
    const form = formOf(commit, index);
    const damage = misplacementOf(commit, index, form);
    if (damage !== null) throw damaged(commit, `event ${commit.version + index}: ${damage}`);
    if (!follows(form, { version, hash })) {
      throw damaged(commit, `event ${form.streamVersion} does not follow event ${version}`);
    }
    const event = decodeForm(fold, commit, form);
    state = fold.evolve(state, event as Sealed<Event>, commit.at);
    hash = commit.events[index]?.hash ?? hash;
    version += 1;
    versions[event.type] = version;
  }
  return { state, version, hash, lastAt: commit.at, commitVersion: commit.version, versions };
}

const damaged = ({ stream }: Commit, what: string): StoreDamaged => new StoreDamaged(`stream ${stream}: ${what}`);

/** What is wrong with one stored event, seen with its commit alone; null: nothing. Says no byte of it. */
export function damageOf(commit: Commit, index: number, form: EventForm): string | null {
  const { body, hash } = commit.events[index] ?? { body: '', hash: '' };
  if (sha256(body) !== hash) return 'its bytes do not have its hash';
  return misplacementOf(commit, index, form);
}

/** The same of an event that an engine has read, which has its hash. */
function misplacementOf(commit: Commit, index: number, form: EventForm): string | null {
  if (form.id !== `${commit.commitId}.${index + 1}`) return 'its id is not of its commit';
  if (form.streamVersion !== commit.version + index) return 'its version is not its place in the commit';
  if (Date.parse(form.time) !== commit.at) return 'its time is not that of its commit';
  return streamOf(form) === commit.stream ? null : 'it belongs to another stream';
}

function decodeForm(
  { contracts }: Pick<Fold<never, never>, 'contracts'>,
  commit: Commit,
  { id, type, data, personal, streamVersion }: EventForm,
): DomainEvent {
  const contract = byType(contracts).get(type);
  // The data was checked against this very contract before it was recorded, and its hash says that it is the same still.
  const present = contract && presentData(contract, { type, data });
  const person = personal?.person;
  if (contract && present) {
    return { type: contract.name, data: present, ...(person && { person: { eventId: id, ...person } }) };
  }
  throw damaged(commit, `event ${streamVersion} is of type ${type}, which this release cannot read`);
}

const tables = new WeakMap<Readonly<Record<string, EventContract>>, ReadonlyMap<string, EventContract>>();

function byType(contracts: Readonly<Record<string, EventContract>>): ReadonlyMap<string, EventContract> {
  let table = tables.get(contracts);
  if (table === undefined) {
    table = new Map(Object.values(contracts).flatMap((each) => typesOf(each).map((type) => [type, each])));
    tables.set(contracts, table);
  }
  return table;
}
