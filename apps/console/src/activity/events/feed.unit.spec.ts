import fc from 'fast-check';
import type { RecordedEvent } from '../../api/queries.js';
import { EventFeed, type Page } from './feed.js';

const PAGE = 3;
const event = (number: number) => ({ id: `e${number}`, time: new Date(number).toISOString() }) as RecordedEvent;

/** A server with a trail of so many events, which tells pages of three as the API does. */
class Trail {
  count: number;
  reads = 0;
  /** Settled by hand where it is set. */
  held: (() => void)[] | undefined;

  constructor(count: number) {
    this.count = count;
  }

  readonly read = async (after: string | undefined): Promise<Page> => {
    this.reads += 1;
    const end = after === undefined ? this.count : Number(after);
    const start = Math.max(0, end - PAGE);
    const events = Array.from({ length: end - start }, (_, at) => event(end - at));
    if (this.held) await new Promise<void>((go) => this.held!.push(go));
    return { events, next: start === 0 ? null : String(start) };
  };
  happen(feed?: EventFeed): void {
    this.count += 1;
    feed?.hear(event(this.count));
  }
}
const feedOf = (trail: Trail, matches: (event: RecordedEvent) => boolean = () => true) =>
  new EventFeed(trail.read, matches, 1);
const shown = (feed: EventFeed) => feed.state().listed?.events.map(({ id }) => Number(id.slice(1)));
const moment = () => new Promise((done) => setTimeout(done, 10));
const downFrom = (high: number, low: number) => Array.from({ length: high - low + 1 }, (_, at) => high - at);

describe('the feed', () => {
  it('begins with the newest, and goes on to older ones page by page', async () => {
    const feed = feedOf(new Trail(7));
    await feed.look();
    expect(shown(feed)).toEqual([7, 6, 5]);
    await feed.older();
    await feed.older();
    await feed.older();
    expect(shown(feed)).toEqual(downFrom(7, 1));
    expect(feed.state().listed?.next).toBeNull();
  });

  it('shows what happens at the top, if it is of the filter', async () => {
    const trail = new Trail(2);
    const feed = feedOf(trail, ({ id }) => id !== 'e4');
    await feed.look();
    for (let i = 0; i < 3; i += 1) trail.happen(feed);
    await moment();
    expect(shown(feed)).toEqual([5, 3, 2, 1]);
  });

  it('reads what it missed, over several pages, and nothing twice', async () => {
    const trail = new Trail(5);
    const feed = feedOf(trail);
    await feed.look();
    await feed.older();
    for (let i = 0; i < 7; i += 1) trail.happen();
    trail.happen(feed);
    await feed.look();
    await moment();
    expect(shown(feed)).toEqual(downFrom(13, 1));
  });

  it('begins anew where it missed more than anybody reads', async () => {
    const trail = new Trail(5);
    const feed = feedOf(trail);
    await feed.look();
    trail.count = 1000;
    await feed.look();
    const numbers = shown(feed)!;
    expect(numbers).toEqual(downFrom(1000, 1000 - numbers.length + 1));
    await feed.older();
    expect(shown(feed)).toEqual(downFrom(1000, 1000 - numbers.length - PAGE + 1));
  });

  it('passes over empty pages', async () => {
    const pages: Page[] = [
      { events: [], next: 'a' },
      { events: [], next: 'b' },
      { events: [event(1)], next: null },
    ];
    const feed = new EventFeed(
      async () => pages.shift()!,
      () => true,
    );
    await feed.look();
    expect(shown(feed)).toEqual([1]);
  });

  it('keeps what is there when a look fails, and says why', async () => {
    const trail = new Trail(2);
    let away = false;
    const feed = new EventFeed(
      (after) => (away ? Promise.reject(new Error('away')) : trail.read(after)),
      () => true,
    );
    await feed.look();
    away = true;
    await feed.look();
    expect([shown(feed), String(feed.state().error)]).toEqual([[2, 1], 'Error: away']);
    away = false;
    trail.happen();
    await feed.look();
    expect([shown(feed), feed.state().error]).toEqual([[3, 2, 1], undefined]);
  });

  it('says nothing after its end', async () => {
    const trail = new Trail(2);
    const feed = feedOf(trail);
    await feed.look();
    let told = 0;
    feed.watch(() => (told += 1));
    trail.happen(feed);
    feed.stop();
    await moment();
    expect(told).toBe(0);
  });

  it('misses none and doubles none, whenever events happen, are heard or not, and whatever is being read meanwhile', async () => {
    const step = fc.constantFrom('heard', 'missed', 'look', 'older', 'answer', 'take');
    await fc.assert(
      fc.asyncProperty(fc.nat(9), fc.array(step, { maxLength: 40 }), async (count, steps) => {
        const trail = new Trail(count);
        const feed = feedOf(trail);
        await feed.look();
        trail.held = [];
        const running: Promise<void>[] = [];
        let missed = false;
        for (const each of steps) {
          // a stream that was cut is open again before anything is heard, and then it is looked
          if (each === 'heard' && missed) running.push(feed.look());
          if (each === 'heard') trail.happen(feed);
          if (each === 'missed') trail.happen();
          if (each === 'heard' || each === 'missed') missed = each === 'missed';
          if (each === 'look') running.push(feed.look());
          if (each === 'older') running.push(feed.older());
          if (each === 'answer') trail.held.shift()?.();
          if (each === 'take') await new Promise((done) => setTimeout(done));
        }
        const held = trail.held;
        trail.held = undefined;
        held.forEach((go) => go());
        await Promise.all(running);
        await moment();
        await feed.look();
        const numbers = shown(feed)!;
        expect(numbers).toEqual(trail.count === 0 ? [] : downFrom(trail.count, numbers.at(-1)!));
        feed.stop();
      }),
      { numRuns: 200 },
    );
  });
});
