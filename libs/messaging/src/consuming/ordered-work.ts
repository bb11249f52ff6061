type Work = () => Promise<void>;

interface Entry {
  /** Position up to which everything is done once this is done and all before it are. */
  upTo: number;
  done: boolean;
}

/**
 * Work of one key runs in order, of different keys side by side; what comes later never overtakes within a key. Knows up to
 * which position everything is done, so that what is saved as done leaves no gap.
 *
 * Work that rejects was given up: it stays open, and the position stays before it.
 */
export class OrderedWork {
  readonly #waiting = new Map<string, Work[]>();
  /** Keys with waiting work of which nothing runs, in the order of their turn. */
  readonly #ready: string[] = [];
  readonly #entries: Entry[] = [];
  #running = 0;
  #position = 0;
  #stopped = false;
  #changed: (() => void) | undefined;

  /** `concurrency`: how much runs side by side. */
  constructor(
    private readonly concurrency: number,
    private readonly onAdvance: (position: number) => void,
  ) {}

  /** Everything up to this position is done. */
  get position(): number {
    return this.#position;
  }

  /** Pieces of work that are not done. */
  get open(): number {
    return this.#entries.length;
  }

  /** Positions of successive calls of `push` and `skip` ascend. */
  push(position: number, key: string, work: Work): void {
    const entry: Entry = { upTo: position, done: false };
    this.#entries.push(entry);
    const run: Work = async () => {
      await work();
      entry.done = true;
      this.#advance();
    };
    const waiting = this.#waiting.get(key);
    if (waiting) waiting.push(run);
    else {
      this.#waiting.set(key, [run]);
      this.#ready.push(key);
      this.#next();
    }
  }

  /** Nothing is to be done at this position. */
  skip(position: number): void {
    const last = this.#entries.at(-1);
    if (last) last.upTo = position;
    else this.#position = position;
  }

  /** Resolves when fewer than `limit` pieces are open, or at once after `stop`. */
  async room(limit: number): Promise<void> {
    while (this.open >= limit && !this.#stopped) {
      await new Promise<void>((resolve) => (this.#changed = resolve));
    }
  }

  /** Starts no more of the waiting work; resolves when what runs has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#changed?.();
    while (this.#running > 0) await new Promise<void>((resolve) => (this.#changed = resolve));
  }

  #next(): void {
    while (!this.#stopped && this.#running < this.concurrency) {
      const key = this.#ready.shift();
      if (key === undefined) return;
      this.#running += 1;
      void this.#run(key);
    }
  }

  async #run(key: string): Promise<void> {
    const waiting = this.#waiting.get(key) ?? [];
    try {
      await waiting[0]?.();
      waiting.shift();
      if (waiting.length === 0) this.#waiting.delete(key);
      else this.#ready.push(key);
    } catch {
      // given up: the key is not taken up again, so that nothing of it overtakes
    }
    this.#running -= 1;
    this.#next();
    this.#changed?.();
  }

  #advance(): void {
    let done = 0;
    for (; this.#entries[done]?.done; done += 1) this.#position = this.#entries[done]?.upTo ?? this.#position;
    if (done === 0) return;
    this.#entries.splice(0, done);
    this.onAdvance(this.#position);
  }
}
