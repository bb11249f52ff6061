import { jest } from '@jest/globals';
import fc from 'fast-check';
import { MemoryEngine, MemoryRecords } from '#libs/event-store/src/testing/memory-engine.js';
import { Pace } from './pace.js';
import { cover, FAN, piecesAfter, segmentsOf } from './runs.js';
import { type Hit, search } from './search.js';
import { SegmentIndex } from './segment-index.js';

const SEGMENTS = FAN ** 3 + 40;
const EVENTS = 4;
const everywhere = 1;
const noTime = { from: undefined, to: undefined };

/** Each segment has events of a term that all have, of one that its sixteen neighbours have, and of its own. */
const groupOf = (segment: number) => 1_000 + Math.floor(segment / 16);
const ownOf = (segment: number) => 1_000_000 + segment;

async function indexed(segments: number) {
  const index = new SegmentIndex(new MemoryEngine());
  for (let segment = 1; segment <= segments; segment++) {
    const stands = { first: segment, starts: [0], size: EVENTS, times: [segment * 10, segment * 10 + 9] } as const;
    const postings = new Map([
      [everywhere, [0, 1, 2, 3]],
      [groupOf(segment), [1, 3]],
      [ownOf(segment), [2]],
    ]);
    await index.add('demo', { segment, number: segment }, stands, { postings, ids: new Map() }, async () => undefined);
  }
  return index;
}

/** What work answers, and how many records it reads. */
async function counted<Result>(work: () => Promise<Result>): Promise<{ result: Result; reads: number }> {
  const get = jest.spyOn(MemoryRecords.prototype, 'get');
  try {
    const result = await work();
    return { result, reads: get.mock.calls.length };
  } finally {
    get.mockRestore();
  }
}

async function found(
  index: SegmentIndex,
  segments: number,
  conditions: readonly number[][],
  more = {},
): Promise<Hit[]> {
  const asked = {
    portal: 'demo',
    times: noTime,
    segments: [1, segments] as const,
    newestFirst: false,
    pace: new Pace(),
    ...more,
  };
  const hits = [];
  for await (const hit of search(index, segments, {
    conditions: conditions.map((terms) => new Set(terms)),
    ...asked,
  })) {
    if (hit.events?.length !== 0) hits.push(hit);
  }
  return hits;
}
const segments = (hits: readonly Hit[]) => hits.map(({ segment }) => segment.first);

describe('runs of segments', () => {
  it('cover all segments without a gap, by a number that grows by the logarithm', () => {
    for (let count = 0; count < 1_200; count++) {
      let next = 1;
      const runs = cover(count);
      for (const run of runs) {
        const [first, last] = segmentsOf(run);
        expect(first).toBe(next);
        next = last + 1;
      }
      expect(next).toBe(count + 1);
      expect(runs.length).toBeLessThanOrEqual(10 * (Math.log(count + 1) / Math.log(FAN) + 1));
    }
  });

  it('are made of all their buckets before they are relied on, each piece after those that it is made of', () => {
    const made = new Map<string, number>();
    for (let segment = 1; segment < 1_200; segment++) {
      for (const { run, first, buckets } of piecesAfter(segment)) {
        const key = `${run.level} ${run.number}`;
        expect(made.get(key) ?? 0).toBe(buckets[0]);
        expect(first).toBe(buckets[0] === 0);
        made.set(key, buckets[1]);
      }
      for (const run of cover(segment).filter(({ level }) => level > 0)) {
        expect(made.get(`${run.level} ${run.number}`)).toBe(32 * FAN ** (run.level - 1));
      }
    }
  });
});

describe('a search', () => {
  let index: SegmentIndex;
  beforeAll(async () => {
    index = await indexed(SEGMENTS);
  });

  it('finds what one segment of hundreds has by few reads, and nothing by as few', async () => {
    for (const segment of [1, 77, SEGMENTS - 60, SEGMENTS]) {
      const { reads, result } = await counted(() => found(index, SEGMENTS, [[ownOf(segment)]]));
      expect(result).toMatchObject([{ segment: { first: segment }, events: [2] }]);
      expect(reads).toBeLessThan(40);
    }
    const { reads, result } = await counted(() => found(index, SEGMENTS, [[ownOf(0)]]));
    expect([result, reads < 40]).toEqual([[], true]);
  });

  it('finds the first of many without looking at the others, from either end', async () => {
    for (const newestFirst of [false, true]) {
      const { reads, result } = await counted(async () => {
        const conditions = [new Set([everywhere])];
        const asked = {
          portal: 'demo',
          conditions,
          times: noTime,
          segments: [1, SEGMENTS] as const,
          newestFirst,
          pace: new Pace(),
        };
        return (await search(index, SEGMENTS, asked).next()).value as Hit;
      });
      expect(result.segment.first).toBe(newestFirst ? SEGMENTS : 1);
      expect(reads).toBeLessThan(25);
    }
  });

  it('looks only where all that is asked for may be together', async () => {
    const { reads, result } = await counted(() =>
      found(index, SEGMENTS, [[ownOf(300)], [groupOf(300), groupOf(500)], [everywhere]]),
    );
    expect(result).toEqual([]);
    expect(reads).toBeLessThan(60);
    expect(segments(await found(index, SEGMENTS, [[groupOf(300)], [everywhere]]))).toHaveLength(16);
  });

  it('finds, in order, what a look at each segment finds', async () => {
    const segment = fc.integer({ min: 1, max: SEGMENTS });
    const asked = fc.record({
      owns: fc.option(fc.array(segment, { minLength: 1, maxLength: 20 })),
      groups: fc.option(fc.array(segment, { minLength: 1, maxLength: 3 })),
      window: fc.tuple(segment, segment),
      times: fc.option(fc.tuple(segment, segment)),
      newestFirst: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(asked, async ({ owns, groups, window: [first, last], times, newestFirst }) => {
        const conditions = [owns?.map(ownOf), groups?.map(groupOf)].flatMap((terms) => (terms ? [terms] : []));
        const hits = await found(index, SEGMENTS, conditions, {
          segments: [first, last],
          newestFirst,
          ...(times && { times: { from: times[0] * 10 + 9, to: times[1] * 10 } }),
        });
        const expected = Array.from({ length: SEGMENTS }, (_, index) => index + 1).filter(
          (each) =>
            each >= first &&
            each <= last &&
            (!times || (each >= times[0] && each <= times[1])) &&
            (!owns || owns.includes(each)) &&
            (!groups || groups.some((one) => groupOf(one) === groupOf(each))) &&
            // its own event is none of the group's
            !(owns && groups),
        );
        expect(segments(hits)).toEqual(newestFirst ? expected.reverse() : expected);
      }),
      { numRuns: 100 },
    );
  });
});
