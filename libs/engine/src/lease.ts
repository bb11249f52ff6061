import type { Key, Records } from './port.js';

/** The holder (empty: nobody), and how often it has renewed the lease. */
interface LeaseState {
  readonly holder: string;
  readonly beat: number;
}
const NOBODY = '';

/**
 * Held by one of several processes at a time. Clocks are never compared: a process that wants it measures, by its own clock,
 * how long the holder has not renewed it. A holder that was suspended learns that it lost the lease only when it asks again,
 * so what it does under the lease must be harmless when done too late.
 */
export class Lease {
  #seen: { readonly state: LeaseState; readonly since: number } | undefined;
  #otherRenewed = false;

  /** @param now milliseconds that never go back */
  constructor(
    private readonly records: Records<LeaseState>,
    private readonly key: Key,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /**
   * Takes or renews it; to be called several times in `ms`. True: `holder` has it for `ms` from the call on.
   * When its holder has not renewed it for `ms`, it goes to a process that has watched it for so long.
   * @param holder different for each start of each process; not empty
   */
  async take(holder: string, ms: number): Promise<boolean> {
    const asked = this.now();
    const present = await this.records.get(this.key);
    if (present === undefined) return this.records.create(this.key, { holder, beat: 1 });
    if (present.holder !== holder && present.holder !== NOBODY && !this.#isExpired(present, ms, asked)) return false;
    return this.records.replace(this.key, present, { holder, beat: present.beat + 1 });
  }

  /** Another holder has been seen to renew it. */
  get otherRenewed(): boolean {
    return this.#otherRenewed;
  }

  /** Gives it up, so that another need not wait for it. */
  async release(holder: string): Promise<void> {
    const present = await this.records.get(this.key);
    if (present?.holder !== holder) return;
    await this.records.replace(this.key, present, { holder: NOBODY, beat: present.beat + 1 });
  }

  #isExpired(present: LeaseState, ms: number, now: number): boolean {
    if (this.#seen?.state.beat === present.beat && this.#seen.state.holder === present.holder) {
      return now - this.#seen.since >= ms;
    }
    this.#otherRenewed ||= this.#seen !== undefined;
    this.#seen = { state: present, since: now };
    return false;
  }
}
