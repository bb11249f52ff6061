import { setImmediate as giveWay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { lruOf } from '#libs/engine/src/lru.js';
import { type Indexed, type Places, SegmentIndex } from '../index/segment-index.js';
import { timesOf, type Times, unionOf } from '../index/times.js';
import { chained, kept } from '../trail/arrival.js';
import { Trail } from '../trail/trail.js';

/** What an event is looked up by. */
interface Terms {
  readonly id: string;
  readonly terms: readonly number[];
  readonly time: number;
}
interface EntryTerms {
  readonly segment: number;
  readonly times: Times;
  /** By place in the entry. */
  readonly events: readonly Pick<Terms, 'id' | 'terms'>[];
}

/** Entries worked on before others have their turn: at most a few milliseconds' work. */
const PIECE = 4;

/** Indexes segments that are full. What they hold never changes, so it does not matter who does it, or how often. */
@Injectable()
export class SegmentIndexer {
  /** Of entries just written, which need not be read again. */
  readonly #recent = lruOf<EntryTerms>(1_024);

  constructor(
    private readonly trail: Trail,
    private readonly index: SegmentIndex,
  ) {}

  remember(portal: string, number: number, segment: number, events: readonly Terms[]): void {
    this.#recent.set(keyOf(portal, number), entryTerms(segment, events));
  }

  /** All segments of the portal before this one. */
  async indexBefore(portal: string, segment: number): Promise<void> {
    let done = await this.index.indexed(portal);
    while (done.segment + 1 < segment) done = await this.#indexNext(portal, done);
  }

  async #indexNext(portal: string, done: Indexed): Promise<Indexed> {
    const segment = done.segment + 1;
    const postings = new Map<number, number[]>();
    const ids = new Map<string, Places>();
    const starts: number[] = [];
    const times: Times[] = [];
    let size = 0;
    let { number } = done;
    for (;;) {
      const entry = await this.#termsOf(portal, number + 1);
      if (entry?.segment !== segment) break;
      number += 1;
      starts.push(size);
      times.push(entry.times);
      for (const [at, { id, terms }] of entry.events.entries()) {
        post(postings, terms, size++);
        if (typeof id === 'string') ids.set(id, [...(ids.get(id) ?? []), [number, at]]);
      }
      if (number % PIECE === 0) await giveWay();
    }
    const indexed = { segment, number };
    const stands = { first: done.number + 1, starts, size, times: unionOf(times) };
    await this.index.add(portal, indexed, stands, { postings, ids }, giveWay);
    for (let each = stands.first; each <= number; each++) this.#recent.delete(keyOf(portal, each));
    return indexed;
  }

  async #termsOf(portal: string, number: number): Promise<EntryTerms | null> {
    const recent = this.#recent.get(keyOf(portal, number));
    if (recent) return recent;
    const entry = await this.trail.entry(portal, number);
    if (entry === undefined) return null;
    const texts = await this.trail.texts(portal, { number, entry });
    return entryTerms(
      entry.segment,
      texts.map((text) => chained(kept(text))),
    );
  }
}

const keyOf = (portal: string, number: number): string => `${portal} ${number}`;

const entryTerms = (segment: number, events: readonly Terms[]): EntryTerms => ({
  segment,
  times: timesOf(events.map(({ time }) => time)),
  events: events.map(({ id, terms }) => ({ id, terms })),
});

function post(postings: Map<number, number[]>, terms: readonly number[], event: number): void {
  for (const term of terms) {
    const events = postings.get(term);
    if (events) events.push(event);
    else postings.set(term, [event]);
  }
}
