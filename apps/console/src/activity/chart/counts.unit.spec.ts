import fc from 'fast-check';
import { eventTypes } from '../../api/facts.js';
import { type Count, countsOf, intervalsOf } from './counts.js';

const noon = Date.UTC(2026, 10, 24, 12);
const at = (type: string, time: number) => ({ type, time: new Date(time).toISOString() });

describe('the counts of the chart', () => {
  it('are of logins, failures and locks', () => {
    const counts = countsOf(
      [
        at('identity.login-succeeded.v1', noon),
        at('identity.login-failed.v1', noon + 1000),
        at('two-factor.attempt-failed.v1', noon + 61_000),
        at('two-factor.account-locked.v1', noon + 61_000),
        at('identity.account-changed.v2', noon + 61_000),
        at('identity.login-succeeded.v1', noon - 1),
      ],
      noon,
      noon + 2 * 60_000,
    );
    expect(counts).toEqual([
      { at: noon, logins: 1, failures: 1, locks: 0 },
      { at: noon + 60_000, logins: 0, failures: 1, locks: 1 },
      { at: noon + 120_000, logins: 0, failures: 0, locks: 0 },
    ]);
  });

  it('are of types that the server has', () => {
    const counted = eventTypes.filter((type) => {
      const [{ logins, failures, locks }] = countsOf([at(type, noon)], noon, noon) as [Count];
      return logins + failures + locks > 0;
    });
    expect(counted).toHaveLength(5);
  });

  it('lose no event of the span, whatever its length', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 4e11 }),
        fc.array(fc.double({ min: 0, max: 1, noNaN: true })),
        (length, places) => {
          const events = places.map((place) => at('identity.login-succeeded.v1', noon + Math.floor(place * length)));
          const counts = countsOf(events, noon, noon + length);
          expect(counts.reduce((sum, { logins }) => sum + logins, 0)).toBe(events.length);
          expect(counts.length).toBeLessThanOrEqual(49);
          expect(intervalsOf(noon, noon + length).start).toBeLessThanOrEqual(noon);
        },
      ),
    );
  });
});
