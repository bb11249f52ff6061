import { setTimeout as pause } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import mongoose, { type mongo } from 'mongoose';
import { type Key, type Records, StoreDamaged } from '../../port.js';
import type { MongoConnection } from '../driver/connection.js';
import type { CommitDocument } from '../schemas.js';
import { inOrder, type Link } from './in-order.js';

/** Where the feed ends: its last position, and the commits that have the last positions up to it, in order. */
export interface FeedEnd {
  readonly position: number;
  readonly ids: readonly string[];
}

const END: Key = ['end'];
const EMPTY: FeedEnd = { position: 0, ids: [] };
/** Commits that get their places at once. */
const BATCH = 256;
const LOOK_AGAIN_MS = 1_000;
/** Commits known to be in the feed, so that most need not be looked up. */
const PLACED = 100_000;

type Pending = Pick<CommitDocument, '_id' | 'previous' | 'pending'>;
const LINK = { previous: 1, pending: 1 } as const;

/**
 * Gives commits their place in the feed, after they are written. Any process may do so, whenever it reads: places are given by
 * moving the end of the feed, one record, from what it was. Whoever does it second finds it moved. The record says which
 * commits have the new places, so writing those into the commits is the same whoever does it, however late or often.
 */
export class Sequence {
  /** Up to here the commits have their positions. */
  #written = -1;
  #advancing: Promise<FeedEnd> | undefined;
  readonly #placed = new LRUCache<string, true>({ max: PLACED });

  constructor(
    private readonly connection: MongoConnection,
    private readonly commits: mongo.Collection<CommitDocument>,
    private readonly ends: Records<FeedEnd>,
  ) {}

  /** Every commit up to there can be found by its position. */
  async end(): Promise<FeedEnd> {
    const end = (await this.ends.get(END)) ?? EMPTY;
    await this.#write(end);
    return end;
  }

  /** Takes up what waits for a place, if there is anything; the new end, or the one that was. */
  advance(): Promise<FeedEnd> {
    this.#advancing ??= this.#advance().finally(() => (this.#advancing = undefined));
    return this.#advancing;
  }

  async #advance(): Promise<FeedEnd> {
    const end = await this.end();
    const ids = await this.#next();
    if (ids.length === 0) return end;
    const moved: FeedEnd = { position: end.position + ids.length, ids };
    const isMoved = end === EMPTY ? await this.ends.create(END, moved) : await this.ends.replace(END, end, moved);
    if (!isMoved) return this.end();
    await this.#write(moved);
    for (const id of ids) this.#placed.set(id, true);
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

  /**
   * The commits that are next. One may be seen before the one it follows, which another process wrote: then that is looked up.
   * It was there first, so it is found.
   */
  async #next(): Promise<string[]> {
    const waiting = await this.#waiting();
    let missing = await this.#complete(waiting);
    let next = inOrder(waiting, (id) => this.#placed.has(id));
    if (next.length === 0 && missing.size > 0) {
      // A member that has just become the primary may not have it yet.
      await pause(LOOK_AGAIN_MS);
      missing = await this.#complete(waiting);
      next = inOrder(waiting, (id) => this.#placed.has(id));
    }
    const [orphan] = waiting.filter(({ previous }) => previous !== null && missing.has(previous));
    if (next.length === 0 && orphan !== undefined) {
      throw new StoreDamaged(`commit ${orphan.id} of the log: the commit that it follows is missing`);
    }
    return next.slice(0, BATCH).map(({ id }) => id);
  }

  /** Adds those that others of them follow, as far as they wait too. The ids of those that are not in the log. */
  async #complete(waiting: Link[]): Promise<ReadonlySet<string>> {
    const missing = new Set<string>();
    for (;;) {
      const unseen = this.#unseen(waiting).filter((id) => !missing.has(id));
      if (unseen.length === 0) return missing;
      const found = await this.#links({ _id: { $in: unseen.map((id) => new mongoose.mongo.ObjectId(id)) } });
      for (const id of unseen) missing.add(id);
      for (const { _id, previous, pending } of found) {
        const link = linkOf({ _id, previous });
        missing.delete(link.id);
        if (pending === undefined) this.#placed.set(link.id, true);
        else waiting.push(link);
      }
    }
  }

  async #waiting(): Promise<Link[]> {
    const oldest = await this.connection.collect(() =>
      this.commits
        .find<Pending>({ pending: { $exists: true } }, { projection: LINK })
        .sort({ pending: 1 })
        .limit(BATCH),
    );
    return oldest.map(linkOf);
  }

  #links(filter: mongo.Filter<CommitDocument>): Promise<Pending[]> {
    return this.connection.collect(() => this.commits.find<Pending>(filter, { projection: LINK }));
  }

  /** Commits that others follow, and of which nothing is known. */
  #unseen(waiting: readonly Link[]): string[] {
    const seen = new Set(waiting.map(({ id }) => id));
    const followed = waiting.map(({ previous }) => previous).filter((id) => id !== null);
    return followed.filter((id) => !seen.has(id) && !this.#placed.has(id));
  }
}

const linkOf = ({ _id, previous }: Pick<Pending, '_id' | 'previous'>): Link => ({
  id: _id.toHexString(),
  previous: previous?.toHexString() ?? null,
});
