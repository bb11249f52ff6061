/** Who follows a feed. However much is appended in one turn, each is called once for it. */
export class AppendListeners {
  readonly #listeners = new Set<() => void>();
  #notifying = false;

  /** Returns what ends it. */
  add(listener: () => void): () => void {
    // A wrapper, so that the same function given twice is two listeners.
    const own = (): void => listener();
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  notify(): void {
    if (this.#notifying || this.#listeners.size === 0) return;
    this.#notifying = true;
    setImmediate(() => {
      this.#notifying = false;
      // Each in its own turn, so that one that throws does not keep it from the others.
      for (const listener of this.#listeners) setImmediate(listener);
    });
  }

  clear(): void {
    this.#listeners.clear();
  }
}
