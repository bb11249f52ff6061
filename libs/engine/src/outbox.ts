import { Lease } from './lease.js';
import type { Engine, FeedItem, Key } from './port.js';

const PUBLISHER: Key = ['publisher'];

/**
 * What of an app's log is not yet on the bus. The log itself is the outbox: beside it stand only the position up to which it
 * is published, and the lease of the one process that publishes.
 *
 *     while (await outbox.lease(me, 3_000))        // and again every second
 *       items = await outbox.unpublished(500)      // each stream in version order, nothing skipped
 *       … to the broker, in this order; then
 *       await outbox.markPublished(items.at(-1).position)
 *
 * A crash between the broker and the mark, or a holder that wakes up too late, repeats what was published; nothing more.
 */
export class Outbox {
  readonly #lease: Lease;
  readonly #positions;
  /** Undefined: not known, or perhaps moved by another process. */
  #published: number | undefined;

  /** @param now milliseconds that never go back */
  constructor(
    private readonly engine: Pick<Engine, 'log' | 'records'>,
    now?: () => number,
  ) {
    this.#lease = new Lease(engine.records('outbox lease'), PUBLISHER, now);
    this.#positions = engine.records<number>('outbox position');
  }

  /** As `Lease.take`: only while it is held may anything be published. */
  async lease(holder: string, ms: number): Promise<boolean> {
    const held = await this.#lease.take(holder, ms).catch((error: unknown) => {
      this.#published = undefined;
      throw error;
    });
    if (!held) this.#published = undefined;
    return held;
  }

  /** Another process has been seen to renew the lease. */
  get otherPublishes(): boolean {
    return this.#lease.otherRenewed;
  }

  /** For an orderly end: another takes over at once. */
  release(holder: string): Promise<void> {
    this.#published = undefined;
    return this.#lease.release(holder);
  }

  /** Commits that are not marked, oldest first, at most `limit`. @throws StoreUnavailable, StoreDamaged */
  async unpublished(limit: number): Promise<FeedItem[]> {
    this.#published ??= (await this.#positions.get(PUBLISHER)) ?? 0;
    return this.engine.log.feed.read(this.#published, limit);
  }

  /**
   * The broker has everything up to that position, which `unpublished` gave. False: the lease is lost, or another process has
   * marked since.
   * @throws StoreUnavailable the mark may or may not be there; what it covers may be published again
   */
  async markPublished(position: number): Promise<boolean> {
    const before = this.#published;
    if (before === undefined) return false;
    this.#published = undefined;
    const marked =
      before === 0
        ? await this.#positions.create(PUBLISHER, position)
        : await this.#positions.replace(PUBLISHER, before, position);
    if (marked) this.#published = position;
    return marked;
  }
}
