import { setImmediate } from 'node:timers/promises';
import { jest } from '@jest/globals';
import { StoreUnavailable } from '#libs/engine/src/port.js';
import { lookupHash } from './lookup.js';
import { DirectoryIndex } from '../directory/directory-index.js';
import { openEmbeddedEngine } from '#libs/engine/src/embedded/open.js';
import { type IdentityParts, openIdentityParts, context } from '../testing/identity-parts.js';

const portal = 'demo';
let parts: IdentityParts;
beforeEach(async () => {
  parts = await openIdentityParts(openEmbeddedEngine);
});
afterEach(() => parts.close());

const ref = (accountId: string) => ({ portal, accountId });
const names = async (page: Parameters<IdentityParts['directory']['list']>[1]) =>
  (await parts.directory.list(portal, page)).entries.map(({ username }) => username);

describe('usernames', () => {
  test('of two registrations of one name at once, one makes the account', async () => {
    const register = async (accountId: string, username: string) => {
      const id = await parts.usernames.reserve(ref(accountId), username);
      await parts.register(ref(id), username);
      return id;
    };
    const ends = await Promise.allSettled([
      register('a1', 'Straße'),
      register('a2', 'STRASSE'),
      register('a3', 'strasse'),
    ]);
    expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const end of ends) if (end.status === 'rejected') expect(end.reason).toMatchObject({ code: 'username-taken' });
    expect(await parts.usernames.find(portal, ' straSSE ')).toMatchObject({
      accountId: expect.stringMatching(/^a[123]$/),
    });
  });

  test('a name that a crash left reserved is taken over with its id', async () => {
    await parts.usernames.reserve(ref('a1'), 'alice');
    expect(await parts.usernames.find(portal, 'alice')).toBeNull();
    expect(await parts.usernames.reserve(ref('a2'), 'Alice')).toBe('a1');
    await parts.register(ref('a1'), 'Alice');
    await expect(parts.usernames.reserve(ref('a3'), 'alice')).rejects.toMatchObject({ code: 'username-taken' });
  });

  test('a name that was reserved for an account that has another name is free', async () => {
    await parts.usernames.reserve(ref('a1'), 'root');
    await parts.usernames.reserve(ref('a1'), 'admin');
    await parts.register(ref('a1'), 'admin');
    expect(await parts.usernames.find(portal, 'root')).toBeNull();
    expect(await parts.usernames.reserve(ref('a2'), 'root')).toBe('a2');
  });

  test('a name of an account that is being made is not taken by another name of another, one that a crash left is', async () => {
    await parts.register(ref('a2'), 'bob');
    expect(await parts.usernames.reserve(ref('a1'), 'alice')).toBe('a1');
    await expect(parts.usernames.claim(ref('a2'), 'Alice')).rejects.toMatchObject({ code: 'username-taken' });
    parts.pass(60_000);
    await parts.usernames.claim(ref('a2'), 'Alice');
    await expect(parts.usernames.reserve(ref('a3'), 'alice')).rejects.toMatchObject({ code: 'username-taken' });
  });

  test.each([1, 2, 3])('whoever makes the account after the %s. look at it has the name', async (look) => {
    await parts.usernames.reserve(ref('a1'), 'alice');
    const state = parts.accounts.state.bind(parts.accounts);
    let looks = 0;
    jest.spyOn(parts.accounts, 'state').mockImplementation(async (asked) => {
      const seen = await state(asked);
      looks += 1;
      if (looks === look) await parts.register(ref('a1'), 'alice');
      return seen;
    });
    const reserved = parts.usernames.reserve(ref('a2'), 'alice');
    expect(await reserved.catch(({ code }: { code: string }) => code)).toMatch(/^(a1|username-taken)$/);
  });

  test('the same name in another portal is another', async () => {
    await parts.usernames.reserve(ref('a1'), 'alice');
    await parts.register(ref('a1'), 'alice');
    expect(await parts.usernames.find('other', 'alice')).toBeNull();
    expect(await parts.usernames.reserve({ portal: 'other', accountId: 'b1' }, 'alice')).toBe('b1');
  });

  test.each([
    'ali\u200bce',
    '\u202eecila',
    'al\u00adice',
    'soft\ufe0f',
    'ılgaz',
    'STRAẞE',
    'ᏣᎳᎩ',
    'new\u0378letter',
    '‼'.repeat(64),
    '𝒜'.repeat(128),
  ])('an account that has the name %j is found by it', async (username) => {
    await parts.usernames.reserve(ref('a1'), username);
    await parts.register(ref('a1'), username);
    await parts.register(ref('a2'), 'alice');
    expect(await parts.usernames.find(portal, username)).toMatchObject({ accountId: 'a1' });
    expect(await names({ limit: 2 })).toContain(username);
  });

  test.each(['', '   ', '\ud800', '‼'.repeat(512), 'a\u0000b', '\ufdfa'.repeat(512)])(
    'nobody is called %j',
    async (typed) => {
      expect(await parts.usernames.find(portal, typed)).toBeNull();
    },
  );
});

describe('SSO subjects', () => {
  const sso = (subject: string) => ({ sso: { subject, issuer: 'https://idp.example' } });
  const change = async (accountId: string, changes: object) =>
    parts.accounts.execute(ref(accountId), context, { type: 'Change', changes });

  beforeEach(async () => {
    await parts.register(ref('a1'), 'alice');
    await parts.register(ref('a2'), 'bob');
  });

  test('a subject is of one account until that gives it up', async () => {
    const mine = await parts.ssoSubjects.claim(ref('a1'), '42');
    await change('a1', sso('42'));
    await parts.ssoSubjects.settle(ref('a1'), '42', mine);
    expect(await parts.ssoSubjects.find(portal, '42')).toMatchObject({ accountId: 'a1' });
    parts.pass(3_600_000);
    await expect(parts.ssoSubjects.claim(ref('a2'), '42')).rejects.toMatchObject({ code: 'sso-subject-taken' });

    await change('a1', { sso: null });
    await parts.ssoSubjects.settle(ref('a1'), '42');
    expect(await parts.ssoSubjects.find(portal, '42')).toBeNull();
    await parts.ssoSubjects.claim(ref('a2'), '42');
    await change('a2', sso('42'));
    expect(await parts.ssoSubjects.find(portal, '42')).toMatchObject({ accountId: 'a2' });
  });

  test('what another call for the same account is about to record is not taken from it', async () => {
    const first = await parts.ssoSubjects.claim(ref('a1'), '42');
    const second = await parts.ssoSubjects.claim(ref('a1'), '42');
    await parts.ssoSubjects.settle(ref('a1'), '42', first);
    await expect(parts.ssoSubjects.claim(ref('a2'), '42')).rejects.toMatchObject({ code: 'sso-subject-taken' });
    await parts.ssoSubjects.settle(ref('a1'), '42', second);
    await parts.ssoSubjects.claim(ref('a2'), '42');
  });

  test('of two claims at once one is granted', async () => {
    const ends = await Promise.allSettled(['a1', 'a2'].map((id) => parts.ssoSubjects.claim(ref(id), '42')));
    expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  test('a claim that a crash left ends after a minute', async () => {
    await parts.ssoSubjects.claim(ref('a1'), '42');
    parts.pass(59_999);
    await expect(parts.ssoSubjects.claim(ref('a2'), '42')).rejects.toMatchObject({ code: 'sso-subject-taken' });
    parts.pass(1);
    await parts.ssoSubjects.claim(ref('a2'), '42');
  });
});

describe('the directory', () => {
  beforeEach(async () => {
    const people = ['Zoe', 'alice', 'Bob', 'Émile', 'carol'];
    await Promise.all(people.map((username, i) => parts.register(ref(`a${i}`), username)));
    await parts.register({ portal: 'other', accountId: 'b1' }, 'aaron');
  });

  test('lists by folded name, page after page', async () => {
    expect(await names({ limit: 50 })).toEqual(['alice', 'Bob', 'carol', 'Zoe', 'Émile']);
    const first = await parts.directory.list(portal, { limit: 2 });
    expect(first).toMatchObject({ next: expect.any(String), entries: [{ username: 'alice' }, { username: 'Bob' }] });
    const second = await parts.directory.list(portal, { limit: 2, after: first.next! });
    expect(second).toMatchObject({ next: expect.any(String), entries: [{ username: 'carol' }, { username: 'Zoe' }] });
    const third = await parts.directory.list(portal, { limit: 2, after: second.next! });
    expect(third).toMatchObject({ next: null, entries: [{ username: 'Émile' }] });
    await expect(parts.directory.list(portal, { limit: 2, after: 'a1' })).rejects.toThrow('fields are invalid');
  });

  test('finds a part of username, display name or email, in any case', async () => {
    const change = (accountId: string, changes: object) =>
      parts.accounts.execute(ref(accountId), context, { type: 'Change', changes });
    await change('a1', { displayName: 'Alice Smith' });
    await change('a2', { email: 'bob@smithy.example' });
    await parts.directory.update(ref('a1'));
    await parts.directory.update(ref('a2'));
    expect(await names({ limit: 50, query: 'SMITH' })).toEqual(['alice', 'Bob']);
    expect(await names({ limit: 50, query: 'émi' })).toEqual(['Émile']);
    expect(await names({ limit: 50, query: 'nobody' })).toEqual([]);
  });

  test('picks accounts of the portal by their ids, in order, page after page, and names them', async () => {
    const ids = ['a0', 'a2', 'a1', 'a1', 'b1', 'a99'];
    expect(await names({ limit: 50, ids })).toEqual(['alice', 'Bob', 'Zoe']);
    const { next: after } = await parts.directory.list(portal, { limit: 1, ids });
    expect(await names({ limit: 50, ids, after: after! })).toEqual(['Bob', 'Zoe']);
    expect(await names({ limit: 50, ids, query: 'ob' })).toEqual(['Bob']);
    expect(await parts.directory.usernamesOf(portal, ids)).toEqual(['Zoe', 'Bob', 'alice', 'alice', null, null]);
    expect(await parts.directory.usernamesOf('nowhere', ['a0'])).toEqual([null]);
  });

  test('an older state does not overwrite a newer one', async () => {
    const entries = parts.engine.records<{ version: number }>('directory');
    const [first] = await entries.list({ prefix: [portal], limit: 1 });
    await entries.put(first!.key, { ...first!.value, version: 99 });
    await parts.directory.update(ref('a1'));
    expect(await entries.get(first!.key)).toEqual({ ...first!.value, version: 99 });
  });

  test('whoever is deleted while a page is made is not on it, and others move up', async () => {
    expect(await names({ limit: 2 })).toEqual(['alice', 'Bob']);
    await parts.accounts.execute(ref('a1'), context, { type: 'Delete' });
    await parts.keys.destroy(portal, 'a1');
    expect(await names({ limit: 2 })).toEqual(['Bob', 'carol']);
    expect(await parts.directory.usernamesOf(portal, ['a1', 'a2'])).toEqual([null, 'Bob']);
    expect(await names({ limit: 50, query: 'alice' })).toEqual([]);
  });

  test('passes over whom it cannot open, and puts back what is missing', async () => {
    const entries = parts.engine.records<{ person: object }>('directory');
    const stored = await entries.get([portal, 'a2']);
    await entries.put([portal, 'a2'], { ...stored, person: { ...stored!.person, ciphertext: 'AAAA' } });
    await entries.delete([portal, 'a4']);
    expect(await names({ limit: 2 })).toEqual(['alice', 'carol']);
    expect(await names({ limit: 50 })).toEqual(['alice', 'carol', 'Zoe', 'Émile']);
  });

  test('a name that is forgotten while the index is made does not come back', async () => {
    const { directory, accounts, keys } = parts;
    await directory.rebuild();
    const forget = async () => {
      await accounts.execute(ref('a1'), context, { type: 'Delete' });
      await directory.update(ref('a1'));
    };
    const open = keys.open.bind(keys);
    const opening = jest.spyOn(keys, 'open').mockImplementationOnce(async (...asked) => {
      const opened = await open(...asked);
      await forget();
      return opened;
    });
    const put = jest.spyOn(DirectoryIndex.prototype, 'put');
    await directory.openIndex();
    const index = put.mock.contexts[0] as DirectoryIndex;
    for (const spy of [opening, put]) spy.mockRestore();
    await setImmediate();
    // not by the directory's list, which would leave it out all the same
    expect(index.list(portal, { limit: 50 }, { sort: 'username' }).accountIds).not.toContain('a1');
    expect(await names({ limit: 50 })).toEqual(['Bob', 'carol', 'Zoe', 'Émile']);
  });

  test('never lists half: what waits for the index waits for all of it, and makes it again after a failure', async () => {
    const { directory, keys } = parts;
    await directory.rebuild();
    const away = jest.spyOn(keys, 'open').mockRejectedValueOnce(new StoreUnavailable('away'));
    const made = directory.openIndex();
    const listed = names({ limit: 50 });
    await expect(made).rejects.toThrow('away');
    await expect(listed).rejects.toThrow('away');
    expect(await names({ limit: 50 })).toHaveLength(5);
    away.mockRestore();
  });

  test('catches up with what a crash left out', async () => {
    const account = { type: 'contributor', passwordId: 'p1' } as const;
    await parts.accounts.execute(ref('a9'), context, { type: 'Register', account, person: { username: 'dave' } });
    expect(await names({ limit: 50, query: 'dave' })).toEqual([]);
    await parts.directory.catchUp();
    expect(await names({ limit: 50, query: 'dave' })).toEqual(['dave']);
    expect(await parts.usernames.find(portal, 'Dave')).toMatchObject({ accountId: 'a9' });
  });

  test('is made anew where names were compared in another way', async () => {
    await parts.register(ref('a9'), 'ılgaz');
    await parts.directory.catchUp();
    const [positions, taken] = ['directory-position', 'usernames'].map((name) => parts.engine.records<unknown>(name));
    const keyOf = async (name: string) => [portal, await lookupHash(parts.keys, portal, 'username', name)];
    await positions!.delete(['naming']);
    expect(await taken!.delete(await keyOf('ılgaz'))).toBe(true);
    await taken!.put(await keyOf('ilgaz'), { accountId: 'a9' });

    await parts.directory.catchUp();
    expect(await parts.usernames.find(portal, 'ılgaz')).toMatchObject({ accountId: 'a9' });
    expect(await parts.usernames.find(portal, 'ilgaz')).toBeNull();
    expect(await names({ limit: 50 })).toEqual(['alice', 'Bob', 'carol', 'Zoe', 'Émile', 'ılgaz']);
  });

  test('is the same when everything but the log is deleted', async () => {
    await parts.ssoSubjects.claim(ref('a1'), '42');
    const changes = { sso: { subject: '42', issuer: null } };
    await parts.accounts.execute(ref('a1'), context, { type: 'Change', changes });
    await parts.directory.update(ref('a1'));
    const before = await parts.engine.records('directory').list({});
    await parts.directory.rebuild();
    expect(await parts.engine.records('directory').list({})).toEqual(before);
    expect(await parts.usernames.find(portal, 'zoe')).toMatchObject({ accountId: 'a0' });
    expect(await parts.ssoSubjects.find(portal, '42')).toMatchObject({ accountId: 'a1' });
  });
});
