/** One at a time per key, in order of arrival; different keys do not wait for each other. */
export class Turns {
  /** Keys that are taken, each with those who wait for it. */
  readonly #waiting = new Map<string, (() => void)[] | null>();

  /** Undefined: it is the caller's turn at once. Whoever got a turn gives it back by `pass`, whatever happened. */
  take(key: string): Promise<void> | undefined {
    const queue = this.#waiting.get(key);
    if (queue === undefined) {
      this.#waiting.set(key, null);
      return undefined;
    }
    return new Promise((resolve) => {
      if (queue === null) this.#waiting.set(key, [resolve]);
      else queue.push(resolve);
    });
  }

  pass(key: string): void {
    const next = this.#waiting.get(key)?.shift();
    if (next === undefined) this.#waiting.delete(key);
    else next();
  }
}
