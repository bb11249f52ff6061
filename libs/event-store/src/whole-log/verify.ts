import { type Commit, type EventLog, type Head, StoreDamaged } from '#libs/engine/src/port.js';
import { canonical } from '../canonical.js';
import { type EventForm, formOf, NO_HASH } from '../commit.js';
import { damageOf } from '../stream/decode.js';
import { commitsOf } from './rebuild.js';

export type LogProblemKind =
  /** The log, or a stream of it, cannot be read to its end. */
  | 'unreadable'
  /** What stands in an event, beside it or in its bytes does not fit together. */
  | 'altered'
  /** The event before it is missing, is another one, or there is one too many. */
  | 'chain-broken'
  /** Its time is before that of the event before it. */
  | 'time-reversed'
  /** Two events of the stream have one id. */
  | 'id-repeated'
  /** The stream ends before a head that was seen. */
  | 'cut'
  /** Another event stands where a head was seen: the chain was computed anew. */
  | 'rewritten';

export interface LogProblem {
  readonly kind: LogProblemKind;
  /** Empty where the problem is of the log as a whole. */
  readonly stream: string;
  readonly version: number;
  readonly detail: string;
}

export interface LogReport {
  readonly events: number;
  readonly streams: number;
  /** The first thousand. */
  readonly problems: readonly LogProblem[];
}

/** The last event of a stream, as someone outside the log remembers it. */
export interface SeenHead extends Head {
  readonly stream: string;
}

const MOST_PROBLEMS = 1_000;

/**
 * Checks the whole log against itself. Metadata (correlation, recorded answers) is not part of what is hashed.
 * Keeps one head per stream in memory, and one stream's ids at a time.
 */
export async function verifyLog(log: EventLog): Promise<LogReport> {
  const problems = new ProblemList();
  const ends = new Map<string, StreamEnd>();
  let events = 0;
  await reading(problems, '', async () => {
    for await (const commits of commitsOf(log)) {
      for (const commit of commits) {
        ends.set(commit.stream, verifyCommit(commit, ends.get(commit.stream) ?? beginning, problems));
        events += commit.events.length;
      }
    }
  });
  for (const [stream, end] of ends) await reading(problems, stream, () => verifyStream(log, stream, end, problems));
  return { events, streams: ends.size, problems: problems.found };
}

/** Checks that the log still reaches, and still says, what was seen of it: finds a cut tail and a chain computed anew. */
export async function verifyHeads(log: EventLog, heads: AsyncIterable<SeenHead>): Promise<LogProblem[]> {
  const problems = new ProblemList();
  for await (const { stream, version, hash } of heads) {
    await reading(problems, stream, async () => {
      const present = await hashAt(log, stream, version);
      if (present === null) problems.add('cut', stream, version, 'the stream ends before it');
      else if (present !== hash) problems.add('rewritten', stream, version, 'its hash is not the one that was seen');
    });
  }
  return problems.found;
}

interface StreamEnd extends Head {
  readonly at: number;
}
const beginning: StreamEnd = { version: 0, hash: NO_HASH, at: 0 };

/** Goes on from what is stored, so that one damage is told once. */
function verifyCommit(commit: Commit, before: StreamEnd, problems: ProblemList): StreamEnd {
  const { stream, version } = commit;
  const add = (kind: LogProblemKind, at: number, detail: string) => problems.add(kind, stream, at, detail);
  if (commit.events.length === 0) add('altered', version, 'a commit without events');
  if (version !== before.version + 1) add('chain-broken', version, `stands after event ${before.version}`);
  if (commit.at < before.at) add('time-reversed', version, 'is older than the event before it');
  let previousHash = version === before.version + 1 ? before.hash : null;
  for (const [index, { name, body, hash }] of commit.events.entries()) {
    const at = version + index;
    try {
      const form = formOf(commit, index);
      const damage =
        damageOf(commit, index, form) ??
        misnamed(form, name) ??
        (canonical(form) === body ? null : 'its bytes are not RFC 8785');
      if (damage !== null) add('altered', at, damage);
      if (previousHash !== null && form.previousHash !== previousHash) {
        add('chain-broken', at, 'does not name the hash of the event before it');
      }
    } catch {
      add('altered', at, 'its bytes are not the form of an event');
    }
    previousHash = hash;
  }
  return { version: version + commit.events.length - 1, hash: previousHash ?? before.hash, at: commit.at };
}

/** The name in the log is not hashed, the type on the wire is. */
function misnamed({ type }: EventForm, name: string): string | null {
  const typed = type.split('.')[1]?.replace(/(?:^|-)([a-z0-9])/g, (_, first: string) => first.toUpperCase());
  return typed === name ? null : 'its name in the log is not that of its type';
}

/** What one pass over the whole log cannot see in bounded memory. */
async function verifyStream(log: EventLog, stream: string, end: StreamEnd, problems: ProblemList): Promise<void> {
  const commits = (await log.read(stream)).filter(({ version }) => version <= end.version);
  const seen = new Set<string>();
  for (const { commitId, version } of commits) {
    if (seen.has(commitId)) problems.add('id-repeated', stream, version, 'an earlier commit has its id');
    seen.add(commitId);
  }
  const last = commits.at(-1);
  if (last?.events.at(-1)?.hash !== end.hash) {
    problems.add('chain-broken', stream, end.version, 'the stream and the whole log do not end alike');
  }
  const head = await log.head(stream);
  if (head === null || head.version < end.version || (head.version === end.version && head.hash !== end.hash)) {
    problems.add('chain-broken', stream, end.version, 'what is kept as the head of the stream is not its last event');
  }
}

/** Hash of the event with that version; null if the stream ends before it. */
async function hashAt(log: EventLog, stream: string, version: number): Promise<string | null> {
  const [next] = await log.read(stream, version - 1);
  if (next?.version === version) return next.events[0]?.hash ?? null;
  // Past the end, or within a commit that begins before it. What the engine says is the head is not asked: it is not hashed.
  const holding = (await log.read(stream)).findLast((commit) => commit.version <= version);
  return holding?.events[version - holding.version]?.hash ?? null;
}

async function reading(problems: ProblemList, stream: string, read: () => Promise<void>): Promise<void> {
  try {
    await read();
  } catch (error) {
    if (!(error instanceof StoreDamaged)) throw error;
    problems.add('unreadable', stream, 0, error.message);
  }
}

class ProblemList {
  readonly found: LogProblem[] = [];

  add(kind: LogProblemKind, stream: string, version: number, detail: string): void {
    if (this.found.length < MOST_PROBLEMS) this.found.push({ kind, stream, version, detail });
  }
}
