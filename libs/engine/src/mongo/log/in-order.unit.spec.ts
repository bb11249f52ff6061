import fc from 'fast-check';
import { inOrder, type Link } from './in-order.js';

const chain = (stream: string, length: number): Link[] =>
  Array.from({ length }, (_, i) => ({ id: `${stream}${i}`, previous: i === 0 ? null : `${stream}${i - 1}` }));

const nothing = (): boolean => false;

describe('the order of what gets a place in the feed', () => {
  it('is the order given where that has each stream in order', () => {
    const [a0, a1, b0, b1] = [...chain('a', 2), ...chain('b', 2)] as [Link, Link, Link, Link];
    expect(inOrder([a0, b0, a1, b1], nothing)).toEqual([a0, b0, a1, b1]);
  });

  it('lets none come before the one it follows', () => {
    const [a0, a1, a2] = chain('a', 3) as [Link, Link, Link];
    expect(inOrder([a2, a1, a0], nothing)).toEqual([a0, a1, a2]);
  });

  it('lets one wait whose previous is neither there nor in the feed', () => {
    const [, a1, a2] = chain('a', 3) as [Link, Link, Link];
    const [b0] = chain('b', 1) as [Link];
    expect(inOrder([a1, b0, a2], nothing)).toEqual([b0]);
    expect(inOrder([a1, b0, a2], (id) => id === 'a0')).toEqual([a1, b0, a2]);
  });

  it('has all of any shuffled streams, up to what is missing in each', () => {
    const streams = fc.array(
      fc.record({ length: fc.integer({ min: 1, max: 6 }), missing: fc.option(fc.nat(6), { nil: undefined }) }),
      { maxLength: 4 },
    );
    fc.assert(
      fc.property(streams, fc.infiniteStream(fc.nat()), (shapes, random) => {
        const all = shapes.flatMap(({ length, missing }, i) =>
          chain(`${i}-`, length).filter((_, at) => at !== missing),
        );
        const shuffled = all
          .map((link) => ({ link, at: random.next().value as number }))
          .sort((x, y) => x.at - y.at)
          .map(({ link }) => link);
        const expected = shapes.flatMap(({ length, missing }, i) =>
          chain(`${i}-`, Math.min(length, missing ?? length)),
        );
        const ordered = inOrder(shuffled, nothing);
        expect(new Set(ordered)).toEqual(new Set(expected));
        for (const [at, { previous }] of ordered.entries()) {
          expect(previous === null || ordered.slice(0, at).some(({ id }) => id === previous)).toBe(true);
        }
      }),
    );
  });
});
