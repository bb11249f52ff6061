import { AppendListeners } from '../append-listeners.js';
import type { Commit, Feed, FeedItem } from '../port.js';

/** Of each half of what is remembered. */
const HALF_COMMITS = 512;
/** Characters of event bodies, so that a few large commits do not fill the memory. */
const HALF_TEXT = 1_000_000;

/**
 * The log in write order. The last commits of this process are remembered, so that followers close to the end need not
 * decode what was just encoded; LMDB has the rest.
 */
export class EmbeddedFeed implements Feed {
  readonly #listeners = new AppendListeners();
  #older: FeedItem[] = [];
  #newer: FeedItem[] = [];
  #newerText = 0;
  /** Every durable commit after this position is remembered. */
  #floor: number;

  /**
   * @param end position of the last commit that was there at the start; `Infinity` when another process appends
   * @param readLog the commits after a position, from LMDB
   */
  constructor(
    end: number,
    private readonly readLog: (after: number, limit: number) => FeedItem[],
  ) {
    this.#floor = end;
  }

  async read(after: number, limit: number): Promise<FeedItem[]> {
    if (after < this.#floor) return this.readLog(after, limit);
    const items = following(this.#older, after, limit);
    return items.length === limit ? items : items.concat(following(this.#newer, after, limit - items.length));
  }

  onAppend(listener: () => void): () => void {
    return this.#listeners.add(listener);
  }

  /** What has just become durable. The driver answers in write order, so no smaller position is still to come. */
  appended(position: number, commit: Commit): void {
    this.#newer.push({ position, commit });
    for (const event of commit.events) this.#newerText += event.body.length;
    if (this.#newer.length >= HALF_COMMITS || this.#newerText >= HALF_TEXT) this.#forgetHalf();
    this.#listeners.notify();
  }

  close(): void {
    this.#listeners.clear();
    this.#older = [];
    this.#newer = [];
    this.#floor = Infinity;
  }

  #forgetHalf(): void {
    this.#floor = this.#older.at(-1)?.position ?? this.#floor;
    this.#older = this.#newer;
    this.#newer = [];
    this.#newerText = 0;
  }
}

/** Of items in order of position: those after one, by bisection. */
function following(items: readonly FeedItem[], after: number, limit: number): FeedItem[] {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((items[middle]?.position ?? Infinity) <= after) low = middle + 1;
    else high = middle;
  }
  return items.slice(low, low + limit);
}
