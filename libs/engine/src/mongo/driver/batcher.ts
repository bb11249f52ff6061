/**
 * What is asked for at the same time goes to the server together, so that it shares the round trip. What comes in one turn of
 * the event loop makes a batch, and so does what comes while as many as may be are on their way.
 */
export class Batcher<Item> {
  #waiting: Item[] = [];
  #inFlight = 0;
  #gathering = false;

  /**
   * @param mostInFlight batches on their way at once
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
