/** One holder at a time for each key, in order of arrival; different keys do not wait for each other. */
export class KeyedMutex {
  /** Keys that are held, each with those who wait for it. */
  readonly #waiting = new Map<string, (() => void)[] | null>();

  /** Undefined: the caller holds it at once. Whoever holds it must call `release`, whatever happens. */
  acquire(key: string): Promise<void> | undefined {
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

  release(key: string): void {
    const next = this.#waiting.get(key)?.shift();
    if (next === undefined) this.#waiting.delete(key);
    else next();
  }
}
