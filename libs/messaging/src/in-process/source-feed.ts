import type { Feed, FeedItem } from '#libs/engine/src/port.js';

const PAGE = 256;

/** The log of one app as the consumers in the other apps read it. */
export class SourceFeed {
  #newest = 0;

  constructor(private readonly feed: Feed) {}

  /** The highest position that anyone has read. */
  get newest(): number {
    return this.#newest;
  }

  /** The next commits after that position, as many as there are up to a page; none at the end of the log. */
  async read(after: number): Promise<readonly FeedItem[]> {
    const items = await this.feed.read(after, PAGE);
    this.#newest = Math.max(this.#newest, items.at(-1)?.position ?? 0);
    return items;
  }

  /** The commit at that position. */
  async at(position: number): Promise<FeedItem | undefined> {
    const [item] = await this.feed.read(position - 1, 1);
    return item?.position === position ? item : undefined;
  }

  onAppend(listener: () => void): () => void {
    return this.feed.onAppend(listener);
  }
}
