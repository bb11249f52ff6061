import { setTimeout as pause } from 'node:timers/promises';
import type { mongo } from 'mongoose';
import { checkCommit, missingCommit, versionAfter } from '../../commit-rules.js';
import { lruOf } from '../../lru.js';
import { type Commit, type EventLog, type Head, StoreUnavailable, VersionConflict } from '../../port.js';
import type { MongoConnection } from '../driver/connection.js';
import type { CommitDocument } from '../schemas.js';
import { answersOf, commitOf, documentOf } from './commit-document.js';
import { MongoFeed } from './feed.js';
import { type InsertOutcome, GroupCommit } from './group-commit.js';
import type { FeedSequencer } from './feed-sequencer.js';

/** The newest commit of a stream that this process has seen. */
interface End {
  readonly id: mongo.ObjectId;
  readonly commitId: string;
  /** Of its first event. */
  readonly version: number;
  /** Of the event that comes after it. */
  readonly next: number;
}

const ENDS = 50_000;
/** Pauses between the tries of one insert. */
const TRY_AGAIN_MS = [20, 80, 320, 1_280];

/**
 * A commit is appended by inserting one document, without a second round trip. That no version is given twice is the unique
 * index's work. That none is left out follows from what cannot change: a commit that ends just before is in the log, because
 * this process has read it there, as a majority has it, or has written it; what is in the log stays as it is.
 */
export class MongoLog implements EventLog {
  readonly shared = true;
  readonly feed: MongoFeed;
  readonly #group: GroupCommit;
  readonly #ends = lruOf<End>(ENDS);
  readonly #lastInTurn = new Map<string, Promise<void>>();

  constructor(
    private readonly connection: MongoConnection,
    private readonly commits: mongo.Collection<CommitDocument>,
    sequence: FeedSequencer,
  ) {
    this.#group = new GroupCommit(connection, commits);
    this.feed = new MongoFeed(connection, commits, sequence);
  }

  async append(commit: Commit): Promise<void> {
    checkCommit(commit);
    await this.#inTurn(commit.stream, () => this.#append(commit));
    this.feed.appended();
  }

  async read(stream: string, afterVersion = 0): Promise<Commit[]> {
    const known = this.#ends.get(stream);
    const documents = await this.connection.collect(() =>
      this.commits.find({ stream, version: { $gt: afterVersion } }).sort({ version: 1 }),
    );
    const commits = documents.map(commitOf);
    const first = commits[0];
    let next = first?.version ?? afterVersion + 1;
    // Within the events of a commit, or after one that is missing.
    if (next > afterVersion + 1 && (await this.#lastBefore(stream, next))?.next !== next) {
      throw missingCommit(stream, next - 1);
    }
    for (const commit of commits) {
      if (commit.version !== next) throw missingCommit(stream, next);
      next = versionAfter(commit);
    }
    const last = documents.at(-1);
    if (known !== undefined && known.version > Math.max(afterVersion, last?.version ?? 0)) throw behind(stream);
    if (last !== undefined) this.#remember(last);
    return commits;
  }

  async head(stream: string): Promise<Head | null> {
    const known = this.#ends.get(stream);
    const [document] = await this.connection.collect(() =>
      this.commits
        .find({ stream, version: { $gte: known?.version ?? 1 } })
        .sort({ version: -1 })
        .limit(1),
    );
    if (document === undefined) {
      if (known !== undefined) throw behind(stream);
      return null;
    }
    const { events, ...commit } = commitOf(document);
    this.#remember(document);
    return { version: versionAfter({ ...commit, events }) - 1, hash: events.at(-1)?.hash ?? '' };
  }

  async findCommand(stream: string, commandId: string): Promise<Commit | null> {
    const [document] = await this.connection.collect(() =>
      this.commits
        .find({ answers: answersOf(stream, commandId), stream })
        .sort({ version: 1 })
        .limit(1),
    );
    return document === undefined ? null : commitOf(document);
  }

  /** Resolves when what is on its way is answered. */
  async settled(): Promise<void> {
    await Promise.all(this.#lastInTurn.values());
  }

  async #append(commit: Commit): Promise<void> {
    const { stream, version } = commit;
    const known = this.#ends.get(stream);
    if (known !== undefined && version < known.next) return this.#settle(commit, await this.#at(stream, version));
    const document = documentOf(commit, await this.#previous(commit));
    let outcome: InsertOutcome;
    for (let tries = 0; ; tries++) {
      outcome = await this.#group.insert(document);
      if (outcome.written) {
        this.feed.keep(document._id, commit);
        return this.#remember(document);
      }
      // It, another, or none: an answer that is lost says nothing, and one that is there may not be a majority's yet.
      const present = await this.#at(stream, version);
      if (present !== undefined) return this.#settle(commit, present);
      const ms = TRY_AGAIN_MS[tries];
      if (ms === undefined) break;
      await pause(ms);
    }
    const { reason } = outcome;
    throw new StoreUnavailable(
      `stream ${stream}, version ${version}: not written (${reason instanceof Error ? reason.message : String(reason)})`,
    );
  }

  /** `present` has the version of the commit: it is this commit, or one that came first. @throws VersionConflict */
  #settle({ stream, version, commitId }: Commit, present: CommitDocument | undefined): void {
    if (present !== undefined) this.#remember(present);
    if (present?.commitId !== commitId) throw new VersionConflict(stream, version);
  }

  /** The commit that it follows; null for the first of a stream. @throws VersionConflict there is none that ends just before */
  async #previous({ stream, version }: Commit): Promise<mongo.ObjectId | null> {
    if (version === 1) return null;
    const known = this.#ends.get(stream);
    const end = known?.next === version ? known : await this.#lastBefore(stream, version);
    if (end?.next !== version) throw new VersionConflict(stream, version);
    return end.id;
  }

  /** The last commit whose first event is before that version. */
  async #lastBefore(stream: string, version: number): Promise<End | undefined> {
    const known = this.#ends.get(stream);
    const from = known !== undefined && known.version < version ? known.version : 1;
    const [document] = await this.connection.collect(() =>
      this.commits
        .find({ stream, version: { $gte: from, $lt: version } })
        .sort({ version: -1 })
        .limit(1),
    );
    return document === undefined ? undefined : endOf(document);
  }

  async #at(stream: string, version: number): Promise<CommitDocument | undefined> {
    const found = await this.connection.run(() => this.commits.findOne({ stream, version }));
    return found ?? undefined;
  }

  #remember(document: CommitDocument): void {
    const known = this.#ends.get(document.stream);
    if (known === undefined || known.version <= document.version) this.#ends.set(document.stream, endOf(document));
  }

  /** Appends of one stream take turns: a bulk holds one of each stream, and most rivals are told without a round trip. */
  async #inTurn(stream: string, append: () => Promise<void>): Promise<void> {
    const before = this.#lastInTurn.get(stream);
    const appending = before === undefined ? append() : before.then(append);
    const done = appending.catch(() => undefined);
    this.#lastInTurn.set(stream, done);
    try {
      await appending;
    } finally {
      if (this.#lastInTurn.get(stream) === done) this.#lastInTurn.delete(stream);
    }
  }
}

const endOf = ({ _id, stream, commitId, version, events }: CommitDocument): End & { readonly stream: string } => ({
  id: _id,
  stream,
  commitId,
  version,
  next: version + events.length,
});

/** A member that has just become the primary, or a backup that was put back: it must not pass for the present. */
const behind = (stream: string): StoreUnavailable =>
  new StoreUnavailable(`stream ${stream}: MongoDB answers from before what it has said`);
