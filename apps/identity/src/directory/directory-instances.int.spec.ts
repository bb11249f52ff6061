import { MemoryEngine } from '#libs/event-store/src/testing/memory-engine.js';
import { newRingKey } from '#libs/vault/src/keyring.js';
import type { AskedPage } from './directory.js';
import type { SecondFactorChange } from './second-factors.js';
import { SecondFactorEvents } from './second-factors.events.js';
import { context, type IdentityParts, openIdentityParts } from '../testing/identity-parts.js';

const portal = 'demo';
const ring = [newRingKey('k1')];
const ref = (accountId: string) => ({ portal, accountId });
const names = async ({ directory }: IdentityParts) =>
  (await directory.list(portal, { limit: 10 })).entries.map(({ username }) => username);

let one: IdentityParts;
let other: IdentityParts;
beforeEach(async () => {
  const engine = new MemoryEngine({ shared: true });
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

const facts = async ({ directory }: IdentityParts, page: Omit<AskedPage, 'limit'>) =>
  (await directory.list(portal, { limit: 200, ...page })).entries.map(({ username }) => username);
const enabled: SecondFactorChange = { enrolment: () => 'enabled' };

test('each instance knows at once what another has adopted of two-factor, and which logins it had', async () => {
  await one.register(ref('b1'), 'bob');
  for (const instance of [one, other]) expect(await names(instance)).toEqual(['alice', 'bob']);
  await one.directory.adopt(ref('b1'), 3, enabled);
  await other.directory.adopt(ref('a1'), 2, { locked: true });
  await one.accounts.execute(ref('b1'), context, { type: 'RecordLogin', login: { method: 'sso', sessionId: 's1' } });
  for (const instance of [one, other]) {
    expect(await facts(instance, { filter: { twoFactor: 'enabled' } })).toEqual(['bob']);
    expect(await facts(instance, { filter: { status: 'locked' } })).toEqual(['alice']);
    expect(await facts(instance, { sort: '-lastLoginAt' })).toEqual(['bob', 'alice']);
    expect(await instance.directory.summary(portal, null)).toMatchObject({
      contributors: 2,
      enabled: 1,
      none: 1,
      locked: 1,
    });
  }
});

test('a change that was adopted while an instance was away from the portal is known, also after very many', async () => {
  const many = Array.from({ length: 300 }, (_, at) => `c${at}`);
  for (const accountId of many) await one.register(ref(accountId), accountId);
  expect(await names(other)).toHaveLength(10);
  await Promise.all(many.map((accountId) => one.directory.adopt(ref(accountId), 3, enabled)));
  expect(await other.directory.summary(portal, null)).toMatchObject({ enabled: 300 });
  // one by one, as when messages come again
  for (const accountId of many.slice(0, 10)) await one.directory.adopt(ref(accountId), 5, { enrolment: () => 'none' });
  await one.directory.adopt(ref('c0'), 3, enabled);
  expect(await other.directory.summary(portal, null)).toMatchObject({ enabled: 290 });
});

test('a dead letter of a lock that is replayed after a later change of enrolment is taken up, and the other way round', async () => {
  await one.directory.adopt(ref('a1'), 4, { enrolment: () => 'none' });
  expect(await names(other)).toEqual(['alice']);
  await one.directory.adopt(ref('a1'), 3, { locked: true });
  for (const instance of [one, other]) {
    expect(await facts(instance, { filter: { status: 'locked' } })).toEqual(['alice']);
  }
  await one.directory.adopt(ref('a1'), 6, { locked: false });
  await one.directory.adopt(ref('a1'), 5, enabled);
  await one.directory.adopt(ref('a1'), 3, { locked: true });
  await one.directory.adopt(ref('a1'), 4, { enrolment: () => 'none' });
  for (const instance of [one, other]) {
    expect(await instance.directory.summary(portal, null)).toMatchObject({ enabled: 1, locked: 0 });
  }
});

test('of an account that was deleted nothing stays, whichever app tells it last', async () => {
  const events = new SecondFactorEvents(one.directory);
  const erased = { portal, account: 'a1', streamVersion: 5 } as Parameters<SecondFactorEvents['erased']>[0];
  await one.directory.adopt(ref('a1'), 3, enabled);
  await one.accounts.execute(ref('a1'), context, { type: 'Delete' });
  await one.directory.update(ref('a1'));
  // delivered again
  await one.directory.adopt(ref('a1'), 3, enabled);
  await events.erased(erased);
  expect(await one.engine.records('second-factors').list({})).toEqual([]);
  for (const instance of [one, other]) expect(await names(instance)).toEqual([]);
});

test('nor when the account logged in a moment before', async () => {
  await one.accounts.execute(ref('a1'), context, { type: 'RecordLogin', login: { method: 'sso', sessionId: 's1' } });
  await one.accounts.execute(ref('a1'), context, { type: 'Delete' });
  await one.directory.catchUp();
  expect(await one.engine.records('last-logins').list({})).toEqual([]);
});

test('one more authenticator says that there is one, also where the event that enabled it has not come', async () => {
  const events = new SecondFactorEvents(one.directory);
  const issued = (streamVersion: number, reason: 'setup' | 'add') =>
    events.secretIssued({ portal, account: 'a1', streamVersion, data: { reason } } as never);
  await issued(1, 'setup');
  await issued(3, 'add');
  expect(await facts(one, { filter: { twoFactor: 'enabled' } })).toEqual(['alice']);
});

test('what stands in memory is stored too: a new instance has it, of an account that comes late as well', async () => {
  await one.directory.adopt(ref('b1'), 3, enabled);
  await one.register(ref('b1'), 'bob');
  await one.accounts.execute(ref('b1'), context, { type: 'RecordLogin', login: { method: 'sso', sessionId: 's1' } });
  await one.directory.catchUp();
  const engine = one.engine;
  const third = await openIdentityParts(async () => engine, ring);
  expect(await facts(third, { filter: { twoFactor: 'enabled' } })).toEqual(['bob']);
  expect(await facts(third, { sort: '-lastLoginAt' })).toEqual(['bob', 'alice']);
  const entry = (await third.directory.list(portal, { limit: 1, sort: '-lastLoginAt' })).entries[0];
  expect(entry?.lastLoginAt).toBe((await third.accounts.state(ref('b1'))).lastLoginAt);
});

test('a cursor is good in its portal and its order alone, on every instance', async () => {
  await one.register(ref('b1'), 'bob');
  const { next } = await one.directory.list(portal, { limit: 1 });
  expect(next).not.toContain('alice');
  expect(await facts(other, { after: next! })).toEqual(['bob']);
  for (const wrong of [{ after: next!, sort: '-lastLoginAt' as const }, { after: 'AAAA' }, { after: '.' }]) {
    await expect(facts(other, wrong)).rejects.toMatchObject({ code: 'malformed-request' });
  }
  await expect(other.directory.list('elsewhere', { limit: 1, after: next! })).rejects.toMatchObject({
    code: 'malformed-request',
  });
});
