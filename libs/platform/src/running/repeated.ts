/** Work that is done again and again, never twice at once. What fails is told, and done at the next turn. */
export class Repeated {
  private timer: NodeJS.Timeout | undefined;
  private underWay: Promise<void> | undefined;

  constructor(
    private readonly work: () => Promise<void>,
    private readonly everyMs: number,
    private readonly failed: (error: unknown) => void,
  ) {}

  /** Its first turn is one interval from now. Keeps no process alive. */
  start(): void {
    this.timer = setInterval(() => this.turn(), this.everyMs).unref();
  }

  /** Now, unless one is under way. */
  turn(): void {
    this.underWay ??= this.work()
      .catch(this.failed)
      .finally(() => (this.underWay = undefined));
  }

  /** Waits for the turn that is under way. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.underWay;
  }
}
