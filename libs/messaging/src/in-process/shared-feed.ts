import type { Feed, FeedItem } from '#libs/engine/src/port.js';

const PAGE = 256;
/** Pages kept for consumers that come after the first. */
const PAGES = 8;

/** One app's feed, read by several consumers: what one has just read is not decoded again for the next. */
export class SharedFeed {
  readonly #pages = new Map<number, readonly FeedItem[]>();
  #newest = 0;

  constructor(private readonly feed: Feed) {}

  /** The highest position that anyone has read. */
  get newest(): number {
    return this.#newest;
  }

  /** The next commits after that position, as many as there are up to a page; none at the end of the log. */
  async read(after: number): Promise<readonly FeedItem[]> {
    const known = this.#pages.get(after);
    if (known) return known;
    const items = await this.feed.read(after, PAGE);
    const last = items.at(-1);
    if (last) this.#keep(after, items, last.position);
    return items;
  }

  /** One commit by its position. */
  async at(position: number): Promise<FeedItem | undefined> {
    const [item] = await this.feed.read(position - 1, 1);
    return item?.position === position ? item : undefined;
  }

  onAppend(listener: () => void): () => void {
    return this.feed.onAppend(listener);
  }

  #keep(after: number, items: readonly FeedItem[], last: number): void {
    this.#newest = Math.max(this.#newest, last);
    this.#pages.set(after, items);
    const [oldest] = this.#pages.keys();
    if (this.#pages.size > PAGES && oldest !== undefined) this.#pages.delete(oldest);
  }
}
