import fc from 'fast-check';
import { narrowed, type Offset, untilNextCode } from './server-clock.js';

/** What a page sees of a server whose clock is ahead by `ahead`: whole seconds, somewhere on the way. */
const answer = (ahead: number, sentAt: number, there: number, back: number) => {
  const date = Math.floor((sentAt + there + ahead) / 1000) * 1000;
  return [date, sentAt, sentAt + there + back] as const;
};
const start = Date.UTC(2026, 0, 1);
const way = fc.integer({ min: 0, max: 400 });

describe("the server's clock", () => {
  it('is always within what the answers leave, which gets no wider', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -90_000, max: 90_000 }),
        fc.array(fc.tuple(fc.integer({ min: 0, max: 60_000 }), way, way), { minLength: 1, maxLength: 20 }),
        (ahead, calls) => {
          let known: Offset | undefined;
          for (const [at, there, back] of calls) {
            const next = narrowed(known, ...answer(ahead, start + at, there, back));
            expect(next.least).toBeLessThanOrEqual(ahead);
            expect(next.most).toBeGreaterThanOrEqual(ahead);
            if (known) expect(next.most - next.least).toBeLessThanOrEqual(known.most - known.least);
            known = next;
          }
        },
      ),
    );
  });

  it('is known to a fraction of a second after some answers', () => {
    let known: Offset | undefined;
    for (let i = 0; i < 20; i += 1) known = narrowed(known, ...answer(7_300, start + i * 1_050, 10, 10));
    expect(known!.most - known!.least).toBeLessThan(120);
  });

  it('is taken anew when it was set', () => {
    const before = narrowed(undefined, ...answer(0, start, 10, 10));
    const after = narrowed(before, ...answer(60_000, start + 5_000, 10, 10));
    expect((after.least + after.most) / 2).toBeCloseTo(60_000, -3);
  });

  it('gives a code 30 seconds, from whole half minutes on', () => {
    expect(untilNextCode(start)).toBe(30_000);
    expect(untilNextCode(start + 1)).toBe(29_999);
    expect(untilNextCode(start + 29_999)).toBe(1);
    expect(untilNextCode(start + 30_000)).toBe(30_000);
  });
});
