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
 * Gives commits their place in the feed, after they are written. Any process may do so, whenever it reads: places are given by
 * moving the end of the feed, one record, from what it was. Whoever does it second finds it moved. The record says which
 * commits have the new places, so writing those into the commits is the same whoever does it, however late or often.
 */
export class FeedSequencer {
  readonly #pending: PendingCommits;
  /** Up to here the commits have their positions. */
  #written = -1;
  #advancing: Promise<FeedEnd> | undefined;
  /** What is next, if nobody else has moved the end. */
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

  /** Takes up what waits for a place, if there is anything, after what `end` gave; the new end. @throws StoreDamaged */
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
