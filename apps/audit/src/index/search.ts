import type { Pace } from './pace.js';
import { cover, FAN, partsOf, type Run, segmentsOf } from './runs.js';
import type { Row, Segment, SegmentIndex } from './segment-index.js';
import { isBounded, mayBeIn, type TimeRange } from './times.js';

export interface Question {
  readonly portal: string;
  /** An event must have one term of each. Begins with those that few events have. */
  readonly conditions: readonly ReadonlySet<number>[];
  readonly times: TimeRange;
  /** Segments from the first to the last. */
  readonly segments: readonly [number, number];
  readonly newestFirst: boolean;
  readonly pace: Pace;
}

export interface Hit {
  readonly segment: Segment;
  /** Numbers of events in it, in their order; null: there are no conditions. */
  readonly events: readonly number[] | null;
  /** Records read since the hit before. */
  readonly cost: number;
}

/** Runs looked at together. The first may have all that is wanted. */
const FIRST = 2;
const THEN = 16;
const ALL = 2 ** FAN - 1;

/** A run in which something may be, and which terms of each condition. */
interface Candidate {
  readonly run: Run;
  readonly conditions: readonly ReadonlySet<number>[];
}

/**
 * The segments that have what is asked for, in order; in some it may turn out that they have no such event. How many places
 * are looked at does not depend on how many segments there are, but by their logarithm.
 *
 * @param indexed segments that are indexed
 */
export async function* search(index: SegmentIndex, indexed: number, question: Question): AsyncGenerator<Hit> {
  const { conditions } = question;
  const searching = new Search(index, question);
  yield* searching.among(cover(indexed).map((run) => ({ run, conditions })));
}

class Search {
  #cost = 0;

  constructor(
    private readonly index: SegmentIndex,
    private readonly question: Question,
  ) {}

  /** `candidates` in their order, which is turned round where the newest come first. */
  async *among(candidates: readonly Candidate[]): AsyncGenerator<Hit> {
    const { newestFirst } = this.question;
    const here = candidates.filter(({ run }) => this.#isWanted(run));
    if (newestFirst) here.reverse();
    for (let begin = 0, count = FIRST; begin < here.length; begin += count, count = THEN) {
      const found = await Promise.all(here.slice(begin, begin + count).map((each) => this.#look(each)));
      for (const each of found) {
        if (Array.isArray(each)) yield* this.among(each);
        else yield { ...each, cost: this.#spent() };
      }
      await this.question.pace.giveWay();
    }
  }

  #isWanted(run: Run): boolean {
    const [first, last] = segmentsOf(run);
    return first <= this.question.segments[1] && last >= this.question.segments[0];
  }

  /** Its parts that may have something, or what a segment has. */
  #look(candidate: Candidate): Promise<Candidate[] | Omit<Hit, 'cost'>> {
    return candidate.run.level === 0 ? this.#lookIntoSegment(candidate) : this.#lookIntoRun(candidate);
  }

  async #lookIntoRun({ run, conditions }: Candidate): Promise<Candidate[]> {
    const { portal, times } = this.question;
    let which = ALL;
    if (isBounded(times)) {
      this.#cost += 1;
      for (const [part, itsTimes] of (await this.index.timesOfParts(portal, run)).entries()) {
        if (!mayBeIn(times, itsTimes)) which &= ~(1 << part);
      }
      if (which === 0) return [];
    }
    const rows: Row[][] = [];
    for (const condition of conditions) {
      const found = await this.#find(run, condition);
      which &= found.reduce((bits, [, parts = 0]) => bits | parts, 0);
      if (which === 0) return [];
      rows.push(found);
    }
    return partsOf(run).flatMap((part, index) => {
      const bit = 1 << index;
      if ((which & bit) === 0) return [];
      const narrowed = rows.map((found) => new Set(found.flatMap(([each, parts = 0]) => (parts & bit ? each : []))));
      return { run: part, conditions: narrowed };
    });
  }

  async #lookIntoSegment({ run, conditions }: Candidate): Promise<Candidate[] | Omit<Hit, 'cost'>> {
    const { portal, times } = this.question;
    let segment: Segment | undefined;
    if (isBounded(times)) {
      this.#cost += 1;
      segment = await this.index.segment(portal, run.number);
      if (segment === undefined || !mayBeIn(times, segment.times)) return [];
    }
    let events: number[] | null = null;
    for (const condition of conditions) {
      const found = new Set((await this.#find(run, condition)).flatMap(([, ...having]) => having));
      events = events === null ? [...found].sort((a, b) => a - b) : events.filter((each) => found.has(each));
      if (found.size === 0) return [];
    }
    this.#cost += 1;
    segment ??= await this.index.segment(portal, run.number);
    return segment ? { segment, events } : [];
  }

  #find(run: Run, terms: ReadonlySet<number>): Promise<Row[]> {
    this.#cost += terms.size;
    return this.index.find(this.question.portal, run, terms);
  }

  #spent(): number {
    const spent = this.#cost;
    this.#cost = 0;
    return spent;
  }
}
