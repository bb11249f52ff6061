import { lruOf } from '#libs/engine/src/lru.js';
import type { Records } from '#libs/engine/src/port.js';
import type { Clock } from '#libs/platform/src/clock.js';

const HOUR_MS = 3_600_000;

/** When credentials were used last, to the hour: at most one write an hour for each. */
export class LastUses {
  private readonly notedAt = lruOf<number>(10_000);

  constructor(
    /** By id: the hour of the last use, milliseconds. */
    private readonly uses: Records<number>,
    private readonly clock: Clock,
    private readonly failed: (id: string, err: unknown) => void,
  ) {}

  /** In the order of the ids; undefined: never. */
  of(ids: readonly string[]): Promise<(number | undefined)[]> {
    return Promise.all(ids.map((id) => this.uses.get([id])));
  }

  /** Nobody waits for it, and one that is lost is noted at the next use. */
  note(id: string): void {
    const hour = Math.floor(this.clock() / HOUR_MS) * HOUR_MS;
    if (this.notedAt.get(id) === hour) return;
    this.notedAt.set(id, hour);
    this.uses.put([id], hour).catch((err: unknown) => {
      this.notedAt.delete(id);
      this.failed(id, err);
    });
  }

  async forget(id: string): Promise<void> {
    await this.uses.delete([id]);
  }
}
