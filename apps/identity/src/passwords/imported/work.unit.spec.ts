import fc from 'fast-check';
import { type Kinds, kindOf, restOf, withWork, type Work } from './work.js';

/** In units of its kind. */
const amountOf = (work: Work): number => (work.kdf === 'bcrypt' || work.kdf === 'scrypt' ? 2 ** work.cost : work.cost);

const works = fc.oneof(
  fc.record({ kdf: fc.constant('bcrypt' as const), cost: fc.integer({ min: 4, max: 14 }) }),
  fc.record({
    kdf: fc.constant('pbkdf2' as const),
    digest: fc.constantFrom('sha1' as const, 'sha256' as const, 'sha512' as const),
    cost: fc.integer({ min: 1_000, max: 2_000_000 }),
  }),
  fc.record({
    kdf: fc.constant('scrypt' as const),
    r: fc.constantFrom(8, 16),
    p: fc.constantFrom(1, 5),
    cost: fc.integer({ min: 10, max: 18 }),
  }),
  fc.record({
    kdf: fc.constant('argon2id' as const),
    memory: fc.constantFrom(7_168, 65_536),
    lanes: fc.constantFrom(1, 4),
    cost: fc.integer({ min: 1, max: 10 }),
  }),
);

/** What a check does of each kind, for an account that has this work of its own, or none. */
function done(kinds: Kinds, own?: Work): Record<string, number> {
  return Object.fromEntries(
    Object.entries(own ? withWork(kinds, own) : kinds).map(([kind, highest]) => {
      const mine = own && kindOf(own) === kind ? own : undefined;
      const all = [...(mine ? [mine] : []), ...restOf(highest, mine)];
      return [kind, all.reduce((sum, work) => sum + amountOf(work), 0)];
    }),
  );
}

test('R15 whichever hash an account has, or none, a check takes the same work of each kind that the portal has', () => {
  fc.assert(
    fc.property(fc.array(works, { minLength: 1, maxLength: 8 }), (all) => {
      const kinds = all.reduce(withWork, {} as Kinds);
      for (const own of all) expect(done(kinds, own)).toEqual(done(kinds));
    }),
  );
});

test('what is left is of the kinds that libraries take', () => {
  expect(restOf({ kdf: 'bcrypt', cost: 12 }, { kdf: 'bcrypt', cost: 10 })).toEqual([
    { kdf: 'bcrypt', cost: 10 },
    { kdf: 'bcrypt', cost: 11 },
  ]);
  const sha256 = { kdf: 'pbkdf2', digest: 'sha256' } as const;
  expect(restOf({ ...sha256, cost: 600_000 }, { ...sha256, cost: 27_500 })).toEqual([{ ...sha256, cost: 572_500 }]);
  expect(restOf({ ...sha256, cost: 27_500 }, { ...sha256, cost: 27_500 })).toEqual([]);
});

test('only the highest work of a kind is kept', () => {
  const ten = withWork({}, { kdf: 'bcrypt', cost: 10 });
  expect(withWork(ten, { kdf: 'bcrypt', cost: 8 })).toBe(ten);
  expect(withWork(ten, { kdf: 'bcrypt', cost: 12 })).toEqual({ bcrypt: { kdf: 'bcrypt', cost: 12 } });
});
