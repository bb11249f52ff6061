import fc from 'fast-check';
import { firstToken, isGood, type LiveTokens, OVERLAP_MS, useToken } from './browser-tokens.js';

const T0 = Date.UTC(2026, 10, 24, 9);
const after = (tokens: LiveTokens, hash: string, next: string, now: number): LiveTokens => {
  const used = useToken(tokens, hash, next, now);
  if (!used) throw new Error(`${hash} is not good`);
  return used;
};

describe('the tokens of a remembered browser', () => {
  it('are one after another: the one before stays good until a minute after its successor was first used', () => {
    let tokens = after(firstToken('a'), 'a', 'b', T0);
    const muchLater = T0 + 1_000 * OVERLAP_MS;
    expect([isGood(tokens, 'a', muchLater), isGood(tokens, 'b', muchLater)]).toEqual([true, true]);
    tokens = after(tokens, 'b', 'c', muchLater);
    expect(isGood(tokens, 'a', muchLater + OVERLAP_MS - 1)).toBe(true);
    expect(isGood(tokens, 'a', muchLater + OVERLAP_MS)).toBe(false);
    expect(['b', 'c'].map((hash) => isGood(tokens, hash, muchLater + OVERLAP_MS))).toEqual([true, true]);
  });

  it('that were answered to the same one end together with it, but for the one that goes on', () => {
    let tokens = after(firstToken('a'), 'a', 'b', T0);
    tokens = after(tokens, 'a', 'c', T0);
    tokens = after(tokens, 'c', 'd', T0);
    const good = (now: number) => ['a', 'b', 'c', 'd'].filter((hash) => isGood(tokens, hash, now)).join('');
    expect(good(T0)).toBe('abcd');
    expect(good(T0 + OVERLAP_MS)).toBe('cd');
  });

  it('that have ended do not come back with the clock', () => {
    let tokens = after(after(firstToken('a'), 'a', 'b', T0), 'b', 'c', T0);
    expect(isGood(tokens, 'a', T0 - 2 * OVERLAP_MS)).toBe(false);
    tokens = after(tokens, 'c', 'd', T0 + OVERLAP_MS);
    expect(isGood(tokens, 'a', T0)).toBe(false);
  });

  it('are few, however often one is used whose successors are not', () => {
    let tokens = firstToken('a');
    for (let i = 0; i < 1_000; i += 1) tokens = after(tokens, 'a', `b${i}`, T0 + i);
    expect(tokens.length).toBeLessThan(25);
    expect(isGood(tokens, 'a', T0 + 1_000)).toBe(true);
    expect(isGood(tokens, 'b999', T0 + 1_000)).toBe(true);
  });

  it('what was never one is not good, nor used', () => {
    expect(isGood(firstToken('a'), 'b', T0)).toBe(false);
    expect(useToken(firstToken('a'), '', 'b', T0)).toBeUndefined();
  });

  /** A model that forgets nothing: who came of whom, and when each was first used. */
  it('are good as long as nothing newer, and nothing beside them, was used a minute ago', () => {
    const uses = fc.array(fc.record({ which: fc.nat(30), later: fc.nat(2 * OVERLAP_MS) }), { maxLength: 19 });
    fc.assert(
      fc.property(uses, (steps) => {
        const firstUse = new Map<string, number>();
        const made = ['t0'];
        /** Of each token, the first uses of others while it was there. */
        const leftAt = new Map<string, number>();
        let tokens = firstToken('t0');
        let now = T0;
        for (const { which, later } of steps) {
          now += later;
          const hash = made[which % made.length]!;
          const isModelGood = now < (leftAt.get(hash) ?? Infinity) + OVERLAP_MS;
          expect(isGood(tokens, hash, now)).toBe(isModelGood);
          if (!isModelGood) continue;
          const next = `t${made.length}`;
          tokens = after(tokens, hash, next, now);
          if (!firstUse.has(hash)) {
            firstUse.set(hash, now);
            for (const other of made) if (other !== hash && !leftAt.has(other)) leftAt.set(other, now);
          }
          made.push(next);
        }
      }),
    );
  });
});
