import { clockAgainst, ofDateHeader, otherClock } from './clock.js';
import { spaceFinding } from './disk.js';

const GIB = 2 ** 30;

it.each([
  [100 * GIB, 200 * GIB, 'ok'],
  [5 * GIB, 200 * GIB, 'warning'],
  [1 * GIB, 10 * GIB, 'warning'],
  [GIB / 8, 200 * GIB, 'failed'],
])('%d free bytes of %d are %s', (free, whole, status) => {
  expect(spaceFinding('/data', { free, whole })).toMatchObject({ check: 'disk', status });
});

describe('the clock', () => {
  const at = Date.parse('2026-11-24T09:30:00Z');

  it('is compared with no more exactness than the way and the header have', () => {
    expect(ofDateHeader('x', 'Tue, 24 Nov 2026 09:30:00 GMT', at + 200, at + 900).aheadMs).toBe(0);
    expect(otherClock('x', at, at + 60_000, at + 62_000).aheadMs).toBe(60_000);
    expect(otherClock('x', at, at - 62_000, at - 60_000).aheadMs).toBe(-60_000);
  });

  it.each([
    [0, 'ok', 'as a, b'],
    [6_000, 'warning', '6 s ahead of b'],
    [-31_000, 'failed', '31 s behind b'],
  ])('%d ms apart is %s', (aheadMs, status, says) => {
    expect(
      clockAgainst([
        { of: 'a', aheadMs: 0 },
        { of: 'b', aheadMs },
      ]),
    ).toMatchObject({ status, says });
  });

  it('alone cannot be looked at', () => expect(clockAgainst([])).toMatchObject({ status: 'warning' }));
});
