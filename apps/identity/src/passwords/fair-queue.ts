interface Waiting {
  readonly start: () => void;
  readonly refuse: (reason: Error) => void;
}

export interface QueueLimits {
  /** Pieces of work under way. */
  readonly atOnce: number;
  /** Of all sources together. */
  readonly mostWaiting: number;
  /** Of one source. */
  readonly mostWaitingOfOne: number;
}

/**
 * Work in turn: one piece of each source that waits, then the next of each. So a source that sends much waits for itself,
 * and others hardly for it. When too many wait, the last of the source with the most gives way.
 */
export class FairQueue {
  /** By source; the one whose turn is next comes first. None is empty. */
  private readonly queues = new Map<string, Waiting[]>();
  private underWay = 0;
  private waiting = 0;

  /** @param refusal what is thrown to whoever cannot wait */
  constructor(
    private readonly limits: QueueLimits,
    private readonly refusal: () => Error,
  ) {}

  async run<Result>(source: string, work: () => Promise<Result>): Promise<Result> {
    if (this.underWay < this.limits.atOnce) this.underWay++;
    else await this.turn(source);
    try {
      return await work();
    } finally {
      this.next();
    }
  }

  private turn(source: string): Promise<void> {
    const queue = this.queues.get(source) ?? [];
    if (queue.length >= this.limits.mostWaitingOfOne) throw this.refusal();
    if (this.waiting >= this.limits.mostWaiting) this.makeRoom(queue.length);
    return new Promise((start, refuse) => {
      queue.push({ start, refuse });
      this.queues.set(source, queue);
      this.waiting++;
    });
  }

  /** For a source of which so many wait. @throws the refusal when no other has more than it would have */
  private makeRoom(own: number): void {
    let longest: Waiting[] = [];
    let of = '';
    for (const [source, queue] of this.queues) if (queue.length > longest.length) [of, longest] = [source, queue];
    if (longest.length <= own + 1) throw this.refusal();
    this.waiting--;
    longest.pop()?.refuse(this.refusal());
    if (longest.length === 0) this.queues.delete(of);
  }

  /** Hands the place that has become free to the next. */
  private next(): void {
    const [first] = this.queues;
    if (first === undefined) {
      this.underWay--;
      return;
    }
    const [source, queue] = first;
    this.queues.delete(source);
    const [waiting, ...rest] = queue;
    if (rest.length > 0) this.queues.set(source, rest);
    this.waiting--;
    waiting?.start();
  }
}
