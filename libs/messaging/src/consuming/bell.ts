/** Rung by whoever has something new; who waits for it misses no ring since it last went to look. */
export class Bell {
  #rung = false;
  #heard: (() => void) | undefined;

  readonly ring = (): void => {
    this.#rung = true;
    this.#heard?.();
  };

  /** To be called before looking. */
  reset(): void {
    this.#rung = false;
  }

  /** Resolves at the next ring, at once if there was one since `reset`, and at the latest after that time. */
  async heard(atLatestMs: number): Promise<void> {
    if (this.#rung) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, atLatestMs);
      this.#heard = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#heard = undefined;
  }
}
