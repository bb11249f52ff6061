/**
 * Sends what is asked for at the same time together, so that it shares a round trip. A batch is what comes in one turn of the
 * event loop, or while as many batches as are allowed are in flight.
 */
export class Batcher<Item> {
  #waiting: Item[] = [];
  #inFlight = 0;
  #gathering = false;

  /**
   * @param mostInFlight batches in flight at once
   * @param fitting how many of those that wait, from the first on, go together; at least one
   * @param send never rejects
   */
  constructor(
    private readonly mostInFlight: number,
    private readonly fitting: (waiting: readonly Item[]) => number,
    private readonly send: (batch: readonly Item[]) => Promise<void>,
  ) {}

  add(item: Item): void {
    this.#waiting.push(item);
    if (this.#gathering) return;
    this.#gathering = true;
    setImmediate(() => {
      this.#gathering = false;
      this.#next();
    });
  }

  #next(): void {
    while (this.#inFlight < this.mostInFlight && this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, this.fitting(this.#waiting));
      this.#inFlight++;
      void this.send(batch).then(() => {
        this.#inFlight--;
        this.#next();
      });
    }
  }
}
