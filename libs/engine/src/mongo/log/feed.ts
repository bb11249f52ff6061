import type { mongo } from 'mongoose';
import { type Feed, type FeedItem, StoreUnavailable } from '../../port.js';
import type { MongoConnection } from '../driver/connection.js';
import type { CommitDocument } from '../schemas.js';
import { commitOf } from './commit-document.js';
import type { Sequence } from './sequence.js';

/** Everything that any process has appended, in one order for all. */
export class MongoFeed implements Feed {
  readonly #listeners = new Set<() => void>();
  #notifying = false;

  constructor(
    private readonly connection: MongoConnection,
    private readonly commits: mongo.Collection<CommitDocument>,
    private readonly sequence: Sequence,
  ) {}

  async read(after: number, limit: number): Promise<FeedItem[]> {
    let end = await this.sequence.end();
    if (after >= end.position) end = await this.sequence.advance(end);
    // Positions are dense, but for one that a failover has left empty.
    for (let from = after; from < end.position; from += limit) {
      const items = await this.#between(from, Math.min(from + limit, end.position));
      if (items.length > 0) return items;
    }
    return [];
  }

  onAppend(listener: () => void): () => void {
    // A wrapper, so that the same function given twice is two listeners.
    const own = (): void => listener();
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  /** Something was appended by this process. */
  appended(): void {
    if (this.#notifying || this.#listeners.size === 0) return;
    this.#notifying = true;
    setImmediate(() => {
      this.#notifying = false;
      // Each in its own turn, so that one that throws does not keep it from the others.
      for (const listener of this.#listeners) setImmediate(listener);
    });
  }

  close(): void {
    this.#listeners.clear();
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
