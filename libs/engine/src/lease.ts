import type { Key, Records } from './port.js';

/** Who holds it, and how often that was confirmed. Nobody: an empty holder. */
interface Hold {
  readonly holder: string;
  readonly beat: number;
}
const NOBODY = '';

/**
 * A right that one of several processes has at a time. Clocks are never compared: whoever wants it watches for how long the
 * holder has not confirmed it, by a clock of its own. A holder that was stopped and wakes up learns of its loss only when
 * it asks again, so what it does must be harmless once it is too late.
 */
export class Lease {
  #seen: { readonly hold: Hold; readonly since: number } | undefined;
  #otherConfirmed = false;

  /** @param now milliseconds that never go back */
  constructor(
    private readonly records: Records<Hold>,
    private readonly key: Key,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /**
   * Takes or confirms it; to be called several times in `ms`. True: `holder` has it for `ms` from the call on.
   * One that its holder leaves unconfirmed for `ms` goes to whoever has watched it for so long.
   * @param holder another for each start of each process; not empty
   */
  async take(holder: string, ms: number): Promise<boolean> {
    const asked = this.now();
    const present = await this.records.get(this.key);
    if (present === undefined) return this.records.create(this.key, { holder, beat: 1 });
    if (present.holder !== holder && present.holder !== NOBODY && !this.#isUnconfirmed(present, ms, asked))
      return false;
    return this.records.replace(this.key, present, { holder, beat: present.beat + 1 });
  }

  /** Another has been seen to confirm it. */
  get otherConfirmed(): boolean {
    return this.#otherConfirmed;
  }

  /** Gives it up, so that another need not wait for it. */
  async release(holder: string): Promise<void> {
    const present = await this.records.get(this.key);
    if (present?.holder !== holder) return;
    await this.records.replace(this.key, present, { holder: NOBODY, beat: present.beat + 1 });
  }

  #isUnconfirmed(present: Hold, ms: number, now: number): boolean {
    if (this.#seen?.hold.beat === present.beat && this.#seen.hold.holder === present.holder) {
      return now - this.#seen.since >= ms;
    }
    this.#otherConfirmed ||= this.#seen !== undefined;
    this.#seen = { hold: present, since: now };
    return false;
  }
}
