import { setImmediate as giveWay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { lruOf } from '#libs/engine/src/lru.js';
import { type Chained, chained, kept } from '../trail/arrival.js';
import { type Entry, type Indexed, termOfAccount, termOfType, Trail } from '../trail/trail.js';

/** What an event is looked up by. */
type Terms = Pick<Chained, 'account' | 'type'>;
interface EntryTerms {
  readonly segment: number;
  /** By place in the entry. */
  readonly terms: readonly Terms[];
}

/** Entries worked on before others have their turn: at most a few milliseconds' work. */
const PIECE = 4;

/** Indexes segments that are full. What they hold never changes, so it does not matter who does it, or how often. */
@Injectable()
export class SegmentIndexer {
  /** Of entries just written, which need not be read again. */
  readonly #recent = lruOf<EntryTerms>(1_024);

  constructor(private readonly trail: Trail) {}

  remember(portal: string, number: number, segment: number, events: readonly Terms[]): void {
    const terms = events.map(({ account, type }) => ({ account, type }));
    this.#recent.set(keyOf(portal, number), { segment, terms });
  }

  /** All segments of the portal before this one. */
  async indexBefore(portal: string, segment: number): Promise<void> {
    let done = await this.trail.indexed(portal);
    while (done.segment + 1 < segment) done = await this.#indexNext(portal, done);
  }

  async #indexNext(portal: string, done: Indexed): Promise<Indexed> {
    const segment = done.segment + 1;
    const postings = new Map<string, number[]>();
    let { number } = done;
    for (;;) {
      const entry = await this.#termsOf(portal, number + 1);
      if (entry?.segment !== segment) break;
      number += 1;
      for (const [at, terms] of entry.terms.entries()) post(postings, terms, number, at);
      if (number % PIECE === 0) await giveWay();
    }
    const indexed = { segment, number };
    await this.trail.index(portal, indexed, postings, giveWay);
    return indexed;
  }

  async #termsOf(portal: string, number: number): Promise<EntryTerms | null> {
    const recent = this.#recent.get(keyOf(portal, number));
    if (recent) return recent;
    const entry: Entry | undefined = await this.trail.entry(portal, number);
    return entry ? { segment: entry.segment, terms: entry.texts.map((text) => chained(kept(text))) } : null;
  }
}

const keyOf = (portal: string, number: number): string => `${portal} ${number}`;

function post(postings: Map<string, number[]>, { account, type }: Terms, number: number, at: number): void {
  for (const term of [termOfAccount(account ?? ''), termOfType(type)]) {
    const places = postings.get(term);
    if (places) places.push(number, at);
    else postings.set(term, [number, at]);
  }
}
