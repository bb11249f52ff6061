import type { mongo } from 'mongoose';
import { AppendListeners } from '../../append-listeners.js';
import { lruOf } from '../../lru.js';
import { type Commit, type Feed, type FeedItem, StoreUnavailable } from '../../port.js';
import type { MongoConnection } from '../driver/connection.js';
import type { CommitDocument } from '../schemas.js';
import { commitOf } from './commit-document.js';
import type { FeedEnd, FeedSequencer } from './feed-sequencer.js';

/** Commits of this process that are kept until they are followed: some batches of places. */
const OWN = 1_024;

/** Everything that any process has appended, in one order for all. */
export class MongoFeed implements Feed {
  readonly #listeners = new AppendListeners();
  /** What this process has written of late, by id. It stays as it is, so it need not be read again once it has its place. */
  readonly #own = lruOf<Commit>(OWN);

  constructor(
    private readonly connection: MongoConnection,
    private readonly commits: mongo.Collection<CommitDocument>,
    private readonly sequence: FeedSequencer,
  ) {}

  async read(after: number, limit: number): Promise<FeedItem[]> {
    let end = await this.sequence.end();
    if (after >= end.position) end = await this.sequence.advance(end);
    // Positions are dense, but for one that a failover has left empty.
    for (let from = after; from < end.position; from += limit) {
      const last = Math.min(from + limit, end.position);
      const items = this.#ownBetween(from, last, end) ?? (await this.#between(from, last));
      if (items.length > 0) return items;
    }
    return [];
  }

  onAppend(listener: () => void): () => void {
    return this.#listeners.add(listener);
  }

  /** This process has written it; it is a majority's. */
  keep(id: mongo.ObjectId, commit: Commit): void {
    this.#own.set(id.toHexString(), commit);
  }

  /** Something was appended by this process. */
  appended(): void {
    this.#listeners.notify();
  }

  close(): void {
    this.#listeners.clear();
  }

  /** Undefined: one of them is not known here. */
  #ownBetween(after: number, last: number, { position, ids }: FeedEnd): FeedItem[] | undefined {
    const before = position - ids.length;
    if (after < before) return undefined;
    const items: FeedItem[] = [];
    for (const [index, id] of ids.slice(after - before, last - before).entries()) {
      const commit = this.#own.get(id);
      if (commit === undefined) return undefined;
      items.push({ position: after + index + 1, commit });
    }
    return items;
  }

  async #between(after: number, last: number): Promise<FeedItem[]> {
    const documents = await this.connection.collect(() =>
      this.commits.find({ position: { $gt: after, $lte: last } }).sort({ position: 1 }),
    );
    return documents.map((document) => {
      if (document.position === undefined) throw new StoreUnavailable('MongoDB answers what was not asked for');
      return { position: document.position, commit: commitOf(document) };
    });
  }
}
