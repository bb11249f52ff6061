/** Wakes one waiter. A notification since `reset` is not missed, also while nobody waits. */
export class Notifier {
  #notified = false;
  #wake: (() => void) | undefined;

  readonly notify = (): void => {
    this.#notified = true;
    this.#wake?.();
  };

  /** To be called before looking. */
  reset(): void {
    this.#notified = false;
  }

  /** Resolves at the next notification, at once if there was one since `reset`, and at the latest after that time. */
  async wait(atLatestMs: number): Promise<void> {
    if (this.#notified) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, atLatestMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = undefined;
  }
}
