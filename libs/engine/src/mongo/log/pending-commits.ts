import { setTimeout as pause } from 'node:timers/promises';
import mongoose, { type mongo } from 'mongoose';
import { lruOf } from '../../lru.js';
import { StoreDamaged } from '../../port.js';
import type { MongoConnection } from '../driver/connection.js';
import type { CommitDocument } from '../schemas.js';
import { inOrder, type Link } from './in-order.js';

type Found = Pick<CommitDocument, '_id' | 'previous' | 'pending'>;

/** Commits of one query, so that it costs the same however long the queue is. */
const LOOK = 4_096;
const LOOK_AGAIN_MS = 1_000;
/** Commits whose place is remembered, so that few have to be looked up. */
const PLACED = 100_000;

/** The commits that have no place in the feed yet. */
export class PendingCommits {
  readonly #placed = lruOf<true>(PLACED);

  constructor(
    private readonly connection: MongoConnection,
    private readonly commits: mongo.Collection<CommitDocument>,
  ) {}

  /**
   * The ids of the oldest, none before one that it follows. One may be seen before the one it follows, which another process
   * wrote: then that is looked up. It was there first, so it is found.
   * @throws StoreDamaged all of them follow what is not there
   */
  async oldest(): Promise<string[]> {
    const waiting = await this.#find();
    let missing = await this.#complete(waiting);
    let ordered = this.#ordered(waiting);
    if (ordered.length === 0 && missing.size > 0) {
      // A member that has just become the primary may not have it yet.
      await pause(LOOK_AGAIN_MS);
      missing = await this.#complete(waiting);
      ordered = this.#ordered(waiting);
    }
    const orphan = waiting.find(({ previous }) => previous !== null && missing.has(previous));
    if (ordered.length === 0 && orphan !== undefined) {
      throw new StoreDamaged(`commit ${orphan.id} of the log: the commit that it follows is missing`);
    }
    return ordered.map(({ id }) => id);
  }

  placed(ids: readonly string[]): void {
    for (const id of ids) this.#placed.set(id, true);
  }

  #ordered(waiting: readonly Link[]): Link[] {
    return inOrder(waiting, (id) => this.#placed.has(id));
  }

  async #find(): Promise<Link[]> {
    const oldest = await this.connection.collect(() =>
      this.commits
        .find<Found>({ pending: { $exists: true } }, { projection: { previous: 1 } })
        .hint({ pending: 1 })
        .sort({ pending: 1 })
        .limit(LOOK),
    );
    return oldest.map(linkOf);
  }

  /** Adds the commits that those waiting follow, if they wait too. @returns the ids that are not in the log */
  async #complete(waiting: Link[]): Promise<ReadonlySet<string>> {
    const missing = new Set<string>();
    for (;;) {
      const unseen = this.#unseen(waiting).filter((id) => !missing.has(id));
      if (unseen.length === 0) return missing;
      const ids = unseen.map((id) => new mongoose.mongo.ObjectId(id));
      const found = await this.connection.collect(() =>
        this.commits.find<Found>({ _id: { $in: ids } }, { projection: { previous: 1, pending: 1 } }),
      );
      for (const id of unseen) missing.add(id);
      for (const document of found) {
        const link = linkOf(document);
        missing.delete(link.id);
        if (document.pending === undefined) this.#placed.set(link.id, true);
        else waiting.push(link);
      }
    }
  }

  /** Commits that those waiting follow, and that are neither waiting nor known to be placed. */
  #unseen(waiting: readonly Link[]): string[] {
    const seen = new Set(waiting.map(({ id }) => id));
    const followed = waiting.map(({ previous }) => previous).filter((id) => id !== null);
    return followed.filter((id) => !seen.has(id) && !this.#placed.has(id));
  }
}

const linkOf = ({ _id, previous }: Found): Link => ({
  id: _id.toHexString(),
  previous: previous?.toHexString() ?? null,
});
