import { randomBytes } from 'node:crypto';
import type { Api } from '#test/support/calls/client.js';
import { ofType } from '#test/support/events.js';
import { Portal } from '#test/support/people/portal.js';
import { useGateway, usePortal, useProduct } from '#test/support/use-stack.js';

const stack = useProduct();
const portal = usePortal(stack);
const gateway = useGateway(portal);
let tool: Api;
beforeAll(async () => {
  tool = await portal.service('accounts');
});

const newName = () => `u-${randomBytes(6).toString('hex')}`;
const anAccount = (changes: object = {}) => ({ username: newName(), type: 'contributor', ...changes });
const register = async (changes: object = {}, by = tool) =>
  (await by.register(portal.id, anAccount(changes))).success().id;
const external = (id: string) => `external:${encodeURIComponent(id)}`;
const accountOf = async (id: string) => (await tool.account(portal.id, id)).success();

describe('an account without a password', () => {
  it('R32 answers a login as a wrong password does, and a gateway checks its second factor', async () => {
    const username = newName();
    const id = await register({ username });
    expect(await accountOf(id)).toMatchObject({ hasPassword: false, status: 'active', twoFactor: { status: 'none' } });
    for (const password of ['', 'anything at all']) {
      (await stack.api.login({ portal: portal.id, username, password })).refused('invalid-credentials');
    }
    expect((await gateway.openChallenge(portal.id, id)).success()).toEqual({ required: false });
    expect(ofType(await portal.events('LoginFailed', 2, { account: id }), 'LoginFailed')).toHaveLength(2);
  });

  it('R32 stands beside those with one, which say so', async () => {
    const { id } = await portal.register();
    expect(await accountOf(id)).toMatchObject({ hasPassword: true });
  });
});

describe('the id of a gateway', () => {
  it.each(['u-1042', 'a/b?c=d&e', 'Übung 7%', '数'.repeat(85), 'x'.repeat(255), 'external:x'])(
    'R32 names its account wherever HTTP takes one: %s',
    async (externalId) => {
      const unique = externalId.length >= 85 ? externalId : `${externalId}-${newName()}`;
      const id = await register({ externalId: unique });
      expect(await accountOf(external(unique))).toMatchObject({ id, externalId: unique });
      expect((await tool.accounts(portal.id, { externalId: unique })).success().accounts).toMatchObject([{ id }]);
      expect((await gateway.openChallenge(portal.id, `external:${unique}`)).success()).toEqual({ required: false });
      const renamed = (await tool.changeAccount(portal.id, external(unique), { displayName: 'Ada' })).success();
      expect(renamed).toMatchObject({ id, displayName: 'Ada' });
      expect((await tool.suspend(portal.id, external(unique))).success()).toEqual({ status: 'suspended' });
      const events = await portal.events('AccountSuspended', 1, { account: `external:${unique}` });
      expect(new Set(events.map(({ account }) => account))).toEqual(new Set([id]));
    },
  );

  it('R32 is compared as bytes, belongs to one account of one portal, and names nothing elsewhere', async () => {
    const externalId = `A-${newName()}`;
    await register({ externalId });
    (await tool.account(portal.id, external(externalId.toLowerCase()))).refused('not-found');
    (await tool.register(portal.id, anAccount({ externalId }))).refused('external-id-taken');
    const other = await Portal.make(stack);
    (await (await other.service('accounts')).account(other.id, external(externalId))).refused('not-found');
    (await (await other.service('accounts')).register(other.id, anAccount({ externalId }))).success();
    (await gateway.openChallenge(portal.id, 'external:nobody')).refused('not-found');
  });

  it.each(['', 'x'.repeat(256), 'ü'.repeat(128), 'a\nb', 'a\u0000b', '\ud800'])(
    'R50 is bounded text: %j',
    async (externalId) => {
      (await tool.register(portal.id, anAccount({ externalId }))).refused('malformed-request');
      (await gateway.openChallenge(portal.id, `external:${externalId}`)).refused('malformed-request');
    },
  );

  it('R32 R42 is free again when its account is deleted, and an administrator can change it', async () => {
    const [first, second] = [`e-${newName()}`, `e-${newName()}`];
    const id = await register({ externalId: first });
    (await tool.changeAccount(portal.id, id, { externalId: second })).refused('forbidden');
    (await portal.api.changeAccount(portal.id, id, { externalId: second })).success();
    (await tool.account(portal.id, external(first))).refused('not-found');
    expect(await accountOf(external(second))).toMatchObject({ id });
    (await portal.api.deleteAccount(portal.id, id)).success();
    (await tool.account(portal.id, external(second))).refused('not-found');
    expect(await register({ externalId: second })).not.toBe(id);
  });
});

describe('a service token of scope `accounts`', () => {
  it('R33 registers, again with the same answer, and not as another', async () => {
    const account = anAccount({ externalId: `e-${newName()}`, displayName: 'Ada' });
    const ids = await Promise.all([1, 2, 3].map(async () => (await tool.register(portal.id, account)).success().id));
    expect(new Set(ids).size).toBe(1);
    expect(ofType(await portal.events('AccountRegistered', 1, { account: ids[0]! }), 'AccountRegistered')).toHaveLength(
      1,
    );
    (await tool.register(portal.id, { ...account, username: newName() })).refused('external-id-taken');
    (await tool.register(portal.id, anAccount({ username: account.username }))).refused('username-taken');
  });

  it('R33 changes names and e-mail, and the username, which is free for others then', async () => {
    const [before, after] = [newName(), newName()];
    const id = await register({ username: before });
    const changes = { username: after, displayName: 'Ada', email: 'ada@example.org' };
    expect((await tool.changeAccount(portal.id, id, changes)).success()).toMatchObject(changes);
    expect(await register({ username: before })).not.toBe(id);
    (await tool.changeAccount(portal.id, id, { username: before })).refused('username-taken');
    (await tool.register(portal.id, anAccount({ username: after }))).refused('username-taken');
    expect((await tool.accounts(portal.id, { query: after })).success().accounts).toMatchObject([{ id }]);
  });

  it('R33 of many who want one name at the same moment, one has it', async () => {
    const wanted = newName();
    const ids = await Promise.all(Array.from({ length: 6 }, () => register()));
    const taking = [
      ...ids.map(async (id) => tool.changeAccount(portal.id, id, { username: wanted })),
      ...[1, 2, 3].map(async () => tool.register(portal.id, anAccount({ username: wanted }))),
    ];
    const codes = (await Promise.all(taking)).map(({ code }) => code);
    expect(codes.filter((code) => code === null)).toHaveLength(1);
    expect(codes.filter((code) => code === 'username-taken')).toHaveLength(taking.length - 1);
  });

  it('R33 renamed to and fro at the same moment, an account has its name, and nobody else', async () => {
    const names = [newName(), newName()];
    const id = await register({ username: names[0] });
    for (let round = 0; round < 15; round++) {
      await Promise.all([1, 0, 1].map((at) => tool.changeAccount(portal.id, id, { username: names[at] })));
      const { username } = await accountOf(id);
      (await tool.register(portal.id, anAccount({ username }))).refused('username-taken');
    }
    const { username } = await accountOf(id);
    const free = names.find((name) => name !== username)!;
    await register({ username: free });
  });

  it.each([
    ['a password', { password: 'correct horse battery' }],
    ['an administrator', { admin: true }],
    ['no administrator', { admin: false }],
  ])('R33 registers nobody with %s', async (_, closed) => {
    (await tool.register(portal.id, anAccount(closed))).refused('forbidden');
  });

  it.each([{ type: 'power-reader' }, { admin: true }, { ssoSubject: 's' }, { externalId: 'e' }])(
    'R33 does not change %j',
    async (closed) => {
      const id = await register();
      (await tool.changeAccount(portal.id, id, closed)).refused('forbidden');
    },
  );

  it('R33 neither sees nor changes an administrator', async () => {
    const { id, credentials } = portal.admin;
    (await tool.account(portal.id, id)).refused('forbidden');
    (await tool.changeAccount(portal.id, id, { displayName: 'x' })).refused('forbidden');
    (await tool.suspend(portal.id, id)).refused('forbidden');
    expect((await tool.accounts(portal.id, { query: credentials.username })).success().accounts).toEqual([]);
    expect((await tool.accounts(portal.id, { id: [id] })).success().accounts).toEqual([]);
    const [result] = (
      await tool.registerBatch(portal.id, [anAccount({ username: credentials.username, displayName: 'x' })])
    ).success().results;
    expect(result).toEqual({ outcome: 'refused', code: 'forbidden' });
    const [same] = (await tool.registerBatch(portal.id, [anAccount({ username: credentials.username })])).success()
      .results;
    expect(same).toEqual({ outcome: 'refused', code: 'forbidden' });
  });
});

describe('many accounts in one call', () => {
  const batch = async (accounts: readonly unknown[], by = tool) =>
    (await by.registerBatch(portal.id, accounts)).success().results;

  it('R33 are made, changed or left as they are, in order, and again nothing happens', async () => {
    const accounts = Array.from({ length: 40 }, (_, index) =>
      anAccount({
        externalId: `b-${newName()}`,
        ...(index % 2 === 0 && { displayName: 'Ada', email: 'a@example.org' }),
      }),
    );
    const made = await batch(accounts);
    expect(made.map(({ outcome }) => outcome)).toEqual(accounts.map(() => 'created'));
    const ids = made.map(({ id }) => id);
    expect(new Set(ids).size).toBe(accounts.length);
    const same = await batch(accounts);
    expect(same).toEqual(ids.map((id) => ({ id, outcome: 'unchanged' })));
    const changed = await batch(accounts.map((account) => ({ ...account, displayName: null })));
    expect(changed).toEqual(ids.map((id, index) => ({ id, outcome: index % 2 === 0 ? 'changed' : 'unchanged' })));
    expect(await accountOf(ids[0]!)).toMatchObject({ displayName: null, email: 'a@example.org' });
  });

  it('R33 without an external id are found by their username, however it is written', async () => {
    const username = newName();
    const [made] = await batch([anAccount({ username })]);
    expect(await batch([anAccount({ username: username.toUpperCase() })])).toEqual([
      { id: made!.id, outcome: 'unchanged' },
    ]);
  });

  it('R33 R50 that are bad are refused one by one, with the reason, and the others go on', async () => {
    const taken = await portal.register();
    const [one, two] = [anAccount({ externalId: `b-${newName()}` }), anAccount()];
    const results = await batch([
      one,
      anAccount({ externalId: (one as { externalId?: string }).externalId }),
      two,
      anAccount({ username: two.username.toUpperCase() }),
      anAccount({ username: 'a\u202eb' }),
      anAccount({ password: 'correct horse battery' }),
      null,
      anAccount({ externalId: `b-${newName()}`, username: taken.credentials.username }),
      anAccount(),
    ]);
    expect(results).toMatchObject([
      { outcome: 'created' },
      { outcome: 'refused', code: 'external-id-taken' },
      { outcome: 'created' },
      { outcome: 'refused', code: 'username-taken' },
      { outcome: 'refused', code: 'malformed-request', errors: [{ field: 'username' }] },
      { outcome: 'refused', code: 'malformed-request', errors: [{ field: 'password' }] },
      { outcome: 'refused', code: 'malformed-request' },
      { outcome: 'refused', code: 'username-taken' },
      { outcome: 'created' },
    ]);
  });

  it('R33 do not change the type of an account for a service', async () => {
    const account = anAccount({ externalId: `b-${newName()}` });
    await batch([account]);
    expect(await batch([{ ...account, type: 'power-reader' }])).toEqual([{ outcome: 'refused', code: 'forbidden' }]);
  });

  it('R33 are 1 to 1,000, in up to 2 MiB', async () => {
    (await tool.registerBatch(portal.id, [])).refused('malformed-request');
    (
      await tool.registerBatch(
        portal.id,
        Array.from({ length: 1_001 }, () => null),
      )
    ).refused('malformed-request');
    const long = Array.from({ length: 100 }, () => anAccount({ displayName: 'x'.repeat(2_000) }));
    expect((await batch(long)).every(({ code }) => code === 'malformed-request')).toBe(true);
    const tooLong = Array.from({ length: 1_000 }, () => anAccount({ displayName: 'x'.repeat(2_200) }));
    (await tool.registerBatch(portal.id, tooLong)).refused('body-too-large');
  });
});
