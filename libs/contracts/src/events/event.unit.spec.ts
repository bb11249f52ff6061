import { z } from 'zod';
import { eventsOf, olderVersion, presentData, typesOf } from './event.js';
import { contractOf, eventContracts } from './events.js';

const event = eventsOf('two-factor');

const counted = event(
  'CountedAgain',
  '',
  z.strictObject({ by: z.int(), note: z.string() }),
  {
    by: 1,
    note: 'n',
  },
  {
    older: {
      1: olderVersion(z.strictObject({ amount: z.int() }), ({ amount }) => ({ by: amount, note: 'none' })),
      2: olderVersion(z.strictObject({ by: z.int() }), ({ by }) => ({ by, note: 'none' })),
    },
  },
);

describe('an event that was recorded otherwise before', () => {
  it('is recorded in the version after them', () => {
    expect(counted.type).toBe('two-factor.counted-again.v3');
    expect(typesOf(counted)).toEqual([1, 2, 3].map((version) => `two-factor.counted-again.v${version}`));
  });

  it.each([
    ['v1', { amount: 3 }, { by: 3, note: 'none' }],
    ['v2', { by: 4 }, { by: 4, note: 'none' }],
    ['v3', { by: 5, note: 'n5' }, { by: 5, note: 'n5' }],
  ])('is read in its present shape: %s', (version, data, present) => {
    expect(presentData(counted, { type: `two-factor.counted-again.${version}`, data })).toEqual(present);
  });

  it('is not read from a version that nobody knows', () => {
    expect(presentData(counted, { type: 'two-factor.counted-again.v4', data: {} })).toBeUndefined();
    expect(presentData(counted, { type: 'constructor', data: {} })).toBeUndefined();
  });

  it('may be read from a later version on', () => {
    const { type, older } = event('Begun', '', z.strictObject({}), {}, { first: 2 });
    expect([type, older]).toEqual(['two-factor.begun.v2', {}]);
  });

  it('has no gap among its versions', () => {
    const older = { 2: olderVersion(z.strictObject({}), () => ({})) };
    expect(() => event('Gap', '', z.strictObject({}), {}, { older })).toThrow('Gap lacks an older version');
  });
});

it('every type is found by its contract', () => {
  for (const contract of Object.values(eventContracts).flat()) {
    for (const type of typesOf(contract)) expect(contractOf(type)).toBe(contract);
  }
});
