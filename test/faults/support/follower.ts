import type { RecordedEvent } from '#libs/contracts/src/events/event.js';

/** A consumer of a portal's live stream that goes on after the last event it has, however often the other side dies. */
export class Follower {
  readonly events: RecordedEvent[] = [];
  private lastId: string | undefined;

  constructor(
    private readonly url: string,
    private readonly token: string,
  ) {}

  /** Reads until the connection ends, or the signal ends it. Nothing while an engine is away. */
  async follow(signal: AbortSignal): Promise<void> {
    try {
      const response = await fetch(this.url, {
        headers: {
          authorization: `Bearer ${this.token}`,
          ...(this.lastId !== undefined && { 'last-event-id': this.lastId }),
        },
        signal,
      });
      if (response.status === 503) return;
      if (response.status !== 200 || !response.body) throw new Error(`the stream was answered ${response.status}`);
      let rest = '';
      for await (const part of response.body.pipeThrough(new TextDecoderStream())) {
        const blocks = (rest + part).split('\n\n');
        rest = blocks.pop() ?? '';
        for (const block of blocks) this.take(block);
      }
    } catch (error) {
      // how a connection that breaks ends: as `fetch` says it, or as the body does
      if (!signal.aborted && (error as Error).name !== 'TypeError') throw error;
    }
  }

  private take(block: string): void {
    const fields = new Map(block.split('\n').map((line) => line.split(/: ?(.*)/s, 2) as [string, string]));
    const data = fields.get('data');
    if (data === undefined) return;
    this.lastId = fields.get('id');
    this.events.push(JSON.parse(data) as RecordedEvent);
  }
}
