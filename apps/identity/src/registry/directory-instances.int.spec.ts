import { MemoryEngine } from '#libs/event-store/src/testing/memory-engine.js';
import { newRingKey } from '#libs/vault/src/keyring.js';
import { context, type IdentityParts, openIdentityParts } from '../testing/identity-parts.js';

const portal = 'demo';
const ref = (accountId: string) => ({ portal, accountId });
const names = async ({ directory }: IdentityParts) =>
  (await directory.list(portal, { limit: 10 }))?.entries.map(({ username }) => username);

let one: IdentityParts;
let other: IdentityParts;
beforeEach(async () => {
  const engine = new MemoryEngine({ shared: true });
  const ring = [newRingKey('k1')];
  [one, other] = [await openIdentityParts(async () => engine, ring), await openIdentityParts(async () => engine, ring)];
  await one.register(ref('a1'), 'alice');
  for (const { directory } of [one, other]) await directory.catchUp();
});
afterEach(() => one.close());

// every instance sweeps once a minute
test.each([
  ['the one that recorded it', () => [one]],
  ['the other', () => [other]],
  ['both', () => [one, other]],
  ['both, the other first', () => [other, one]],
  ['neither', () => []],
])('each instance knows what another has recorded, whichever has caught up meanwhile: %s', async (_, sweeping) => {
  const sweep = async () => {
    for (const { directory } of sweeping()) await directory.catchUp();
  };
  await one.register(ref('b1'), 'bob');
  await sweep();
  expect(await other.directory.usernamesOf(portal, ['b1', 'a1'])).toEqual(['bob', 'alice']);
  expect(await names(other)).toEqual(['alice', 'bob']);

  await one.accounts.execute(ref('a1'), context, { type: 'Delete' });
  await one.directory.update(ref('a1'));
  await sweep();
  for (const instance of [one, other]) expect(await names(instance)).toEqual(['bob']);
});
