import { openEmbeddedEngine } from '#libs/engine/src/embedded/open.js';
import { type IdentityParts, openIdentityParts, start } from '../testing/identity-parts.js';
import { SESSION_LASTS_MS, type StoredSession } from './session-store.js';

const HOUR = 60 * 60_000;
const alice = { portal: 'demo', accountId: 'a1' };
const session = (sessionId: string, account = alice): StoredSession => ({
  ...account,
  sessionId,
  expiresAt: start + 12 * HOUR,
  endedAt: null,
  method: 'password',
  proof: { passwordAt: start, authenticatorId: null },
});

let parts: IdentityParts;
beforeEach(async () => {
  parts = await openIdentityParts(openEmbeddedEngine);
});
afterEach(() => parts.close());

const endedAmong = async (...tokens: string[]) => {
  const found = await Promise.all(tokens.map((token) => parts.sessions.find(token)));
  return tokens.filter((_, i) => found[i]?.endedAt !== null);
};

test('a session ends once, and is kept as an ended one', async () => {
  await parts.sessions.add('t1', session('s1'));
  const ends = await Promise.all(Array.from({ length: 5 }, () => parts.sessions.end('t1')));
  expect(ends.filter(Boolean)).toHaveLength(1);
  expect(await parts.sessions.find('t1')).toEqual({ ...session('s1'), endedAt: start });
  expect(await parts.sessions.prove('t1', { passwordAt: start, authenticatorId: 'k1' })).toBe(false);
});

test('all sessions of an account end but the one excepted, and nobody else’s', async () => {
  const many = Array.from({ length: 450 }, (_, i) => `t${i}`);
  await Promise.all(many.map((token) => parts.sessions.add(token, session(`s-${token}`))));
  await parts.sessions.add('bob', session('s-bob', { portal: 'demo', accountId: 'a2' }));
  await parts.sessions.add('other', session('s-other', { portal: 'other', accountId: 'a1' }));

  await parts.sessions.endAll(alice, { except: 's-t7' });
  expect(await endedAmong(...many, 'bob', 'other')).toEqual(many.filter((token) => token !== 't7'));
  await parts.sessions.endAll(alice);
  expect(await endedAmong('t7', 'bob', 'other')).toEqual(['t7']);
});

test('only those that began before a time end where one is given', async () => {
  await parts.sessions.add('t1', { ...session('s1'), expiresAt: start + SESSION_LASTS_MS - 1 });
  await parts.sessions.add('t2', { ...session('s2'), expiresAt: start + SESSION_LASTS_MS });
  const epoch = await parts.sessions.epoch(alice);
  await parts.sessions.endAll(alice, { begunBefore: start });
  expect(await endedAmong('t1', 't2')).toEqual(['t1']);
  expect(await parts.sessions.epoch(alice)).toBe(epoch);
});

test('a login that began before the sessions ended can see that they did', async () => {
  const before = await parts.sessions.epoch(alice);
  await Promise.all([parts.sessions.endAll(alice), parts.sessions.endAll(alice, { except: 's1' })]);
  expect(await parts.sessions.epoch(alice)).toBe(before + 2);
  expect(await parts.sessions.epoch({ portal: 'demo', accountId: 'a2' })).toBe(before);
});

test('a proof is marked on its session alone', async () => {
  await parts.sessions.add('t1', session('s1'));
  await parts.sessions.add('t2', session('s2'));
  const proof = { passwordAt: start + 5, authenticatorId: 'k1' };
  expect(await parts.sessions.prove('t1', proof)).toBe(true);
  expect(await parts.sessions.find('t1')).toEqual({ ...session('s1'), proof });
  expect(await parts.sessions.find('t2')).toEqual(session('s2'));
  expect(await parts.sessions.prove('unknown', proof)).toBe(false);
});

test('a proof and an end at the same moment leave the session ended', async () => {
  await parts.sessions.add('t1', session('s1'));
  await Promise.all([
    parts.sessions.prove('t1', { passwordAt: start + 5, authenticatorId: 'k1' }),
    parts.sessions.end('t1'),
    parts.sessions.prove('t1', { passwordAt: start + 6, authenticatorId: 'k1' }),
  ]);
  expect(await endedAmong('t1')).toEqual(['t1']);
});

test('is forgotten a day after it has expired', async () => {
  await parts.sessions.add('t1', session('s1'));
  expect(await parts.expiries.sweep(start + 36 * HOUR - 1)).toBe(0);
  expect(await parts.sessions.find('t1')).toBeDefined();
  expect(await parts.expiries.sweep(start + 36 * HOUR)).toBe(1);
  expect(await parts.sessions.find('t1')).toBeUndefined();
  for (const collection of ['sessions', 'sessions-by-account', 'expiries']) {
    expect(await parts.engine.records(collection).list({})).toEqual([]);
  }
});

test('sweeping goes through more than a batch, and stops at what is not due', async () => {
  const many = Array.from({ length: 1200 }, (_, i) => `t${i}`);
  await Promise.all(many.map((token) => parts.expiries.add(start, { collection: 'things', key: [token] })));
  await parts.expiries.add(start + 1, { collection: 'things', key: ['later'] });
  expect(await parts.expiries.sweep(start)).toBe(1200);
  expect(await parts.engine.records('expiries').list({})).toHaveLength(1);
});
