import mongoose, { type mongo } from 'mongoose';
import type { Key, Records } from '../../port.js';
import type { MongoConnection } from '../driver/connection.js';
import type { CommitDocument } from '../schemas.js';
import { PendingCommits } from './pending-commits.js';

/** Where the feed ends: its last position, and the commits that have the last positions up to it, in order. */
export interface FeedEnd {
  readonly position: number;
  readonly ids: readonly string[];
}

const END: Key = ['end'];
const EMPTY: FeedEnd = { position: 0, ids: [] };
/** Commits that get their places at once. */
const BATCH = 256;

/**
 * Gives written commits their places in the feed. Any process that reads the feed may do so: it moves the end of the feed, one
 * record, by compare-and-set. The record names the commits that get the new places, so any process can write those into the
 * commits, however late or often.
 */
export class FeedSequencer {
  readonly #pending: PendingCommits;
  /** Up to here the commits have their positions. */
  #written = -1;
  #advancing: Promise<FeedEnd> | undefined;
  /** The next commits to be placed, unless another process moves the end first. */
  #queue: { readonly end: number; readonly ids: readonly string[] } = { end: 0, ids: [] };

  constructor(
    private readonly connection: MongoConnection,
    private readonly commits: mongo.Collection<CommitDocument>,
    private readonly ends: Records<FeedEnd>,
  ) {
    this.#pending = new PendingCommits(connection, commits);
  }

  /** Every commit up to there can be found by its position. */
  async end(): Promise<FeedEnd> {
    const end = (await this.ends.get(END)) ?? EMPTY;
    await this.#write(end);
    return end;
  }

  /** Gives places after `end` to commits that wait for one. @returns the new end @throws StoreDamaged */
  advance(end: FeedEnd): Promise<FeedEnd> {
    this.#advancing ??= this.#advance(end).finally(() => (this.#advancing = undefined));
    return this.#advancing;
  }

  async #advance(end: FeedEnd): Promise<FeedEnd> {
    const { position } = end;
    const queue =
      this.#queue.end === position && this.#queue.ids.length > 0 ? this.#queue.ids : await this.#pending.oldest();
    const ids = queue.slice(0, BATCH);
    if (ids.length === 0) return end;
    const moved: FeedEnd = { position: position + ids.length, ids };
    const isMoved = end === EMPTY ? await this.ends.create(END, moved) : await this.ends.replace(END, end, moved);
    if (!isMoved) return this.end();
    await this.#write(moved);
    this.#pending.placed(ids);
    this.#queue = { end: moved.position, ids: queue.slice(BATCH) };
    return moved;
  }

  /** One update for all. Only commits without a position get one: they have the same id and so the same position each time. */
  async #write({ position, ids }: FeedEnd): Promise<void> {
    if (position <= this.#written) return;
    if (ids.length > 0) {
      const objectIds = ids.map((id) => new mongoose.mongo.ObjectId(id));
      const place = { $add: [position - ids.length + 1, { $indexOfArray: [objectIds, '$_id'] }] };
      await this.connection.run(() =>
        this.commits.updateMany(
          { _id: { $in: objectIds }, pending: { $exists: true } },
          [{ $set: { position: place } }, { $unset: 'pending' }],
          { hint: { _id: 1 } },
        ),
      );
    }
    this.#written = Math.max(this.#written, position);
  }
}
