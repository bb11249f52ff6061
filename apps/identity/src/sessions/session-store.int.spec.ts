import { openEmbeddedEngine } from '#libs/engine/src/embedded/open.js';
import { type Bench, openBench, start } from '../testing/bench.js';
import { SESSION_LASTS_MS, type StoredSession } from './session-store.js';

const HOUR = 60 * 60_000;
const alice = { portal: 'demo', accountId: 'a1' };
const session = (sessionId: string, account = alice): StoredSession => ({
  ...account,
  sessionId,
  expiresAt: start + 12 * HOUR,
  endedAt: null,
  proof: { passwordAt: start, secretId: null },
});

let bench: Bench;
beforeEach(async () => {
  bench = await openBench(openEmbeddedEngine);
});
afterEach(() => bench.close());

const endedAmong = async (...tokens: string[]) => {
  const found = await Promise.all(tokens.map((token) => bench.sessions.find(token)));
  return tokens.filter((_, i) => found[i]?.endedAt !== null);
};

test('a session ends once, and is kept as an ended one', async () => {
  await bench.sessions.add('t1', session('s1'));
  const ends = await Promise.all(Array.from({ length: 5 }, () => bench.sessions.end('t1')));
  expect(ends.filter(Boolean)).toHaveLength(1);
  expect(await bench.sessions.find('t1')).toEqual({ ...session('s1'), endedAt: start });
  expect(await bench.sessions.prove('t1', { passwordAt: start, secretId: 'k1' })).toBe(false);
});

test('all sessions of an account end but the one excepted, and nobody else’s', async () => {
  const many = Array.from({ length: 450 }, (_, i) => `t${i}`);
  await Promise.all(many.map((token) => bench.sessions.add(token, session(`s-${token}`))));
  await bench.sessions.add('bob', session('s-bob', { portal: 'demo', accountId: 'a2' }));
  await bench.sessions.add('other', session('s-other', { portal: 'other', accountId: 'a1' }));

  await bench.sessions.endAll(alice, { except: 's-t7' });
  expect(await endedAmong(...many, 'bob', 'other')).toEqual(many.filter((token) => token !== 't7'));
  await bench.sessions.endAll(alice);
  expect(await endedAmong('t7', 'bob', 'other')).toEqual(['t7']);
});

test('only those that began before a time end where one is given', async () => {
  await bench.sessions.add('t1', { ...session('s1'), expiresAt: start + SESSION_LASTS_MS - 1 });
  await bench.sessions.add('t2', { ...session('s2'), expiresAt: start + SESSION_LASTS_MS });
  const epoch = await bench.sessions.epoch(alice);
  await bench.sessions.endAll(alice, { begunBefore: start });
  expect(await endedAmong('t1', 't2')).toEqual(['t1']);
  expect(await bench.sessions.epoch(alice)).toBe(epoch);
});

test('a login that began before the sessions ended can see that they did', async () => {
  const before = await bench.sessions.epoch(alice);
  await Promise.all([bench.sessions.endAll(alice), bench.sessions.endAll(alice, { except: 's1' })]);
  expect(await bench.sessions.epoch(alice)).toBe(before + 2);
  expect(await bench.sessions.epoch({ portal: 'demo', accountId: 'a2' })).toBe(before);
});

test('a proof is marked on its session alone', async () => {
  await bench.sessions.add('t1', session('s1'));
  await bench.sessions.add('t2', session('s2'));
  const proof = { passwordAt: start + 5, secretId: 'k1' };
  expect(await bench.sessions.prove('t1', proof)).toBe(true);
  expect(await bench.sessions.find('t1')).toEqual({ ...session('s1'), proof });
  expect(await bench.sessions.find('t2')).toEqual(session('s2'));
  expect(await bench.sessions.prove('unknown', proof)).toBe(false);
});

test('a proof and an end at the same moment leave the session ended', async () => {
  await bench.sessions.add('t1', session('s1'));
  await Promise.all([
    bench.sessions.prove('t1', { passwordAt: start + 5, secretId: 'k1' }),
    bench.sessions.end('t1'),
    bench.sessions.prove('t1', { passwordAt: start + 6, secretId: 'k1' }),
  ]);
  expect(await endedAmong('t1')).toEqual(['t1']);
});

test('is forgotten a day after it has expired', async () => {
  await bench.sessions.add('t1', session('s1'));
  expect(await bench.expiries.sweep(start + 36 * HOUR - 1)).toBe(0);
  expect(await bench.sessions.find('t1')).toBeDefined();
  expect(await bench.expiries.sweep(start + 36 * HOUR)).toBe(1);
  expect(await bench.sessions.find('t1')).toBeUndefined();
  for (const collection of ['sessions', 'sessions-by-account', 'expiries']) {
    expect(await bench.engine.records(collection).list({})).toEqual([]);
  }
});

test('sweeping goes through more than a batch, and stops at what is not due', async () => {
  const many = Array.from({ length: 1200 }, (_, i) => `t${i}`);
  await Promise.all(many.map((token) => bench.expiries.add(start, { collection: 'things', key: [token] })));
  await bench.expiries.add(start + 1, { collection: 'things', key: ['later'] });
  expect(await bench.expiries.sweep(start)).toBe(1200);
  expect(await bench.engine.records('expiries').list({})).toHaveLength(1);
});
