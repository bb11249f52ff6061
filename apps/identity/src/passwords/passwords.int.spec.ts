import { jest } from '@jest/globals';
import { Problem } from '#libs/contracts/src/problems.js';
import { openEmbeddedEngine } from '#libs/engine/src/embedded/open.js';
import { type IdentityParts, openIdentityParts, context, start } from '../testing/identity-parts.js';

const alice = { portal: 'demo', accountId: 'a1' };
let parts: IdentityParts;
beforeEach(async () => {
  parts = await openIdentityParts(openEmbeddedEngine);
});
afterEach(() => parts.close());

const hashes = async () =>
  (await parts.engine.records<{ hash: string }>('passwords').list({})).map(({ key, value }) => ({
    id: String(key[2]),
    hash: value.hash,
  }));
const notes = () => parts.engine.records('password-changes').list({});
const register = (password: string) =>
  parts.newPassword.set(alice, password, null, async (passwordId) => {
    const account = { type: 'contributor', passwordId } as const;
    await parts.accounts.execute(alice, context, { type: 'Register', account, person: { username: 'alice' } });
    return passwordId;
  });
const change = (checked: string, password: string) =>
  parts.newPassword.set(alice, password, { previous: checked, sessionId: 's1' }, async (passwordId) => {
    await parts.accounts.execute(alice, context, { type: 'ChangePassword', checked, passwordId, sessionId: 's1' });
    return passwordId;
  });
const present = async () => (await parts.accounts.get(alice)).profile.passwordId;

test('a hash is argon2id of 19 MiB, two passes and one lane, and knows its password alone', async () => {
  await register('correct horse');
  const { hash } = (await hashes())[0]!;
  expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  expect(await parts.hasher.verify({ hash }, 'correct horse', 'a')).toBe(true);
  expect(await parts.hasher.verify({ hash }, 'correct horsf', 'a')).toBe(false);
  expect(await parts.hasher.verify(null, 'correct horse', 'a')).toBe(false);
});

test('a password is the same however its characters are composed', async () => {
  const hash = await parts.hasher.hash('caf\u00e9-caf\u00e9', 'a');
  expect(await parts.hasher.verify(hash, 'cafe\u0301-cafe\u0301', 'a')).toBe(true);
});

test('of one source only so many wait, hashing for it is refused at once, and another has its turn', async () => {
  let hashed = 0;
  const flood = Array.from({ length: 165 }, () => parts.hasher.verify(null, 'x', 'flood').then(() => (hashed += 1)));
  const ends = Promise.allSettled(flood);
  const before = await parts.hasher.verify(null, 'x', 'other').then(() => hashed);
  expect(before).toBeLessThan(20);
  const refused = (await ends).flatMap((end) => (end.status === 'rejected' ? [end.reason as unknown] : []));
  expect(refused.length).toBeGreaterThan(30);
  expect(refused.length).toBeLessThan(40);
  for (const problem of refused) expect(problem).toMatchObject({ code: 'unavailable' });
});

test('after a change the old hash is gone, and every other session has ended', async () => {
  const first = await register('first password');
  const session = {
    ...alice,
    expiresAt: start + 1000,
    endedAt: null,
    method: 'password' as const,
    proof: { passwordAt: null, authenticatorId: null },
  };
  await parts.sessions.add('t1', { ...session, sessionId: 's1' });
  await parts.sessions.add('t2', { ...session, sessionId: 's2' });

  const second = await change(first, 'second password');
  expect((await hashes()).map(({ id }) => id)).toEqual([second]);
  expect(await notes()).toEqual([]);
  expect(await parts.sessions.find('t1')).toMatchObject({ endedAt: null });
  expect(await parts.sessions.find('t2')).toMatchObject({ endedAt: start });
});

test('of two changes at once one is made, and only its hash stays', async () => {
  const first = await register('first password');
  const ends = await Promise.allSettled([change(first, 'second password'), change(first, 'third password')]);
  expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect((await hashes()).map(({ id }) => id)).toEqual([await present()]);
  expect(await notes()).toEqual([]);
});

test('a change that was taken for left by a crash and goes on keeps its hash', async () => {
  const first = await register('first password');
  const replaces = { previous: first, sessionId: 's1' };
  const second = await parts.newPassword.set(alice, 'second password', replaces, async (passwordId) => {
    parts.pass(600_001);
    await parts.newPassword.finishAll();
    await parts.accounts.execute(alice, context, {
      type: 'ChangePassword',
      checked: first,
      passwordId,
      sessionId: 's1',
    });
    return passwordId;
  });
  expect((await hashes()).map(({ id }) => id)).toEqual([second]);
  expect(await notes()).toEqual([]);
});

test('a change that is recorded while it is taken for left by a crash keeps its hash, and the old one goes', async () => {
  const first = await register('first password');
  const replaces = { previous: first, sessionId: 's1' };
  const settle = parts.passwords.settle.bind(parts.passwords);
  let sweeping: Promise<void> = Promise.resolve();
  let record: () => void = () => undefined;
  const recorded = new Promise<void>((resolve) => (record = resolve));
  const second = await parts.newPassword.set(alice, 'second password', replaces, async (passwordId) => {
    parts.pass(600_001);
    // the sweep has looked at the log before the event is there, and destroys after
    await new Promise<void>((looked) => {
      jest.spyOn(parts.passwords, 'settle').mockImplementationOnce(async (...given) => {
        looked();
        await recorded;
        return settle(...given);
      });
      sweeping = parts.newPassword.finishAll();
    });
    await parts.accounts.execute(alice, context, {
      type: 'ChangePassword',
      checked: first,
      passwordId,
      sessionId: 's1',
    });
    record();
    return passwordId;
  });
  await sweeping;
  expect((await hashes()).map(({ id }) => id)).toEqual([second]);
  expect(await notes()).toEqual([]);
});

describe('what a crash leaves is finished, a minute later if it was recorded, ten if it was not', () => {
  const crash = () => Promise.reject(new Problem('unavailable'));
  const recover = async (after: number) => {
    parts.pass(after);
    await parts.newPassword.finishAll();
    expect(await notes()).toHaveLength(1);
    parts.pass(1);
    await parts.newPassword.finishAll();
    expect(await notes()).toEqual([]);
  };

  test('before the event: the new hash goes', async () => {
    const first = await register('first password');
    const replaces = { previous: first, sessionId: 's1' };
    await expect(parts.newPassword.set(alice, 'second password', replaces, crash)).rejects.toThrow();
    await recover(600_000);
    expect((await hashes()).map(({ id }) => id)).toEqual([first]);
  });

  test('after the event: the old hash goes, and the other sessions end', async () => {
    const first = await register('first password');
    const proof = { passwordAt: null, authenticatorId: null };
    await parts.sessions.add('t2', {
      ...alice,
      sessionId: 's2',
      expiresAt: start + 1000,
      endedAt: null,
      method: 'password',
      proof,
    });
    const changed = parts.newPassword.set(
      alice,
      'second password',
      { previous: first, sessionId: 's1' },
      async (passwordId) => {
        const command = { type: 'ChangePassword', checked: first, passwordId, sessionId: 's1' } as const;
        await parts.accounts.execute(alice, context, command);
        return crash();
      },
    );
    await expect(changed).rejects.toThrow();
    expect(await hashes()).toHaveLength(2);
    await recover(60_000);
    expect((await hashes()).map(({ id }) => id)).toEqual([await present()]);
    expect(await present()).not.toBe(first);
    expect(await parts.sessions.find('t2')).toMatchObject({ endedAt: start + 60_001 });
  });

  test('of an account that was never made: nothing stays', async () => {
    await expect(parts.newPassword.set(alice, 'a password', null, crash)).rejects.toThrow();
    expect(await hashes()).toHaveLength(1);
    await recover(600_000);
    expect(await hashes()).toEqual([]);
  });
});
