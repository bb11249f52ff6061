import { setImmediate } from 'node:timers/promises';

/** As long as nobody notices that others had to wait. */
const TURN_MS = 4;

/** Lets others have their turn, when it has been one's own for long enough: most that is read is read in less. */
export class Pace {
  #since = performance.now();

  async giveWay(): Promise<void> {
    if (performance.now() - this.#since < TURN_MS) return;
    await setImmediate();
    this.#since = performance.now();
  }
}
