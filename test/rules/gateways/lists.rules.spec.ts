import { Portal, type Person } from '#test/support/people/portal.js';
import { until } from '#test/support/until.js';
import { usePortal, useProduct } from '#test/support/use-stack.js';

const stack = useProduct();
const portal = usePortal(stack);

type Query = NonNullable<Parameters<Person['api']['accounts']>[1]>;
let admin: string;
let people: Record<'enrolled' | 'pending' | 'locked' | 'suspended' | 'reader' | 'none', Person>;
beforeAll(async () => {
  admin = portal.admin.id;
  const [enrolled, pending, locked, suspended, reader, none] = [
    await portal.enrolled(),
    await portal.contributor(),
    await portal.enrolled(),
    await portal.enrolled(),
    await portal.register({ type: 'power-reader' }),
    await portal.register(),
  ];
  (await pending.api.setUp()).success();
  for (const person of [locked, suspended]) await person.lock();
  (await portal.api.suspend(portal.id, suspended.id)).success();
  people = { enrolled, pending, locked, suspended, reader, none };
});

const ids = (...names: (keyof typeof people)[]) => new Set(names.map((name) => people[name].id));
const listed = async (query: Query, api = portal.api) =>
  (await api.accounts(portal.id, query)).success().accounts.map(({ id }) => id);
/** Once two-factor's events are adopted: a moment later. */
const lists = (query: Query, expected: Set<string>) =>
  until(`the list has ${expected.size}`, async () => {
    const found = await listed(query);
    return found.length === expected.size && found.every((id) => expected.has(id));
  });

describe('a list of accounts', () => {
  it.each<[string, Query, (keyof typeof people)[]]>([
    ['who has a second factor', { twoFactor: 'enabled' }, ['enrolled', 'locked', 'suspended']],
    ['who is setting it up', { twoFactor: 'pending' }, ['pending']],
    ['which Contributors have none', { twoFactor: 'none', type: 'contributor', query: 'contributor' }, ['none']],
    ['who is locked', { status: 'locked' }, ['locked']],
    ['who is suspended, also when locked as well', { status: 'suspended' }, ['suspended']],
    ['the Power Readers', { type: 'power-reader' }, ['reader']],
  ])('R33 answers %s', async (_, query, expected) => {
    await lists(query, ids(...expected));
  });

  it('R33 does so for a service, which sees no administrator, and not for other scopes', async () => {
    const tool = await portal.service('accounts');
    expect(new Set(await listed({ twoFactor: 'none', type: 'contributor' }, tool))).toEqual(ids('none'));
    expect(await listed({ twoFactor: 'none', type: 'contributor' })).toContain(admin);
    const other = await portal.service('commands');
    (await other.accounts(portal.id, { status: 'locked' })).refused('forbidden');
  });

  it('R33 tells since when somebody is locked, after how many failures, and when they logged in last', async () => {
    const { locked, enrolled, none } = people;
    const account = async (person: Person) => (await portal.api.account(portal.id, person.id)).success();
    const described = await account(locked);
    expect(described).toMatchObject({ status: 'locked', failedAttempts: 5 });
    const [event] = (await portal.eventsOf(locked, 'AccountLocked')).filter(({ type }) => type.includes('locked'));
    expect(described.lockedAt).toBe(event?.time);
    (await enrolled.fail(1)).refused('wrong-code');
    expect(await account(enrolled)).toMatchObject({ status: 'active', failedAttempts: 1 });
    expect((await account(none)).lastLoginAt).toBeUndefined();
    expect((await account(none)).lockedAt).toBeUndefined();
    const [row] = (await portal.api.accounts(portal.id, { id: enrolled.id })).success().accounts;
    expect(row).toEqual(await account(enrolled));
    expect(Date.parse(row!.lastLoginAt!)).toBeGreaterThan(0);
  });

  it('R33 is sorted by last login, who never did at the end', async () => {
    const { enrolled, pending, none } = people;
    await enrolled.signIn();
    const among = { id: [none.id, enrolled.id, pending.id], sort: '-lastLoginAt' } as const;
    expect(await listed(among)).toEqual([enrolled.id, pending.id, none.id]);
    await pending.signIn();
    expect(await listed(among)).toEqual([pending.id, enrolled.id, none.id]);
  });

  it('R33 goes on where a page ended, whoever of it was renamed or deleted meanwhile', async () => {
    const own = await Portal.make(stack);
    const made: Person[] = [];
    for (const username of ['a1', 'b1', 'c1', 'd1']) made.push(await own.register({ username }));
    const page = async (after?: string) =>
      (await own.api.accounts(own.id, { query: '1', limit: 2, ...(after && { after }) })).success();
    const first = await page();
    (await own.api.deleteAccount(own.id, made[1]!.id)).success();
    (await own.api.changeAccount(own.id, made[0]!.id, { username: 'z1' })).success();
    const second = await page(first.next!);
    expect(second.accounts.map(({ username }) => username)).toEqual(['c1', 'd1']);
    expect((await page(second.next!)).accounts.map(({ username }) => username)).toEqual(['z1']);
  });

  it('R42 has cursors that tell no name, and takes no others', async () => {
    const { next } = (await portal.api.accounts(portal.id, { limit: 1 })).success();
    expect(Buffer.from(next!, 'base64url').toString('latin1')).not.toMatch(/admin|contributor/);
    const elsewhere = await Portal.make(stack);
    for (const query of [{ after: next!, sort: '-lastLoginAt' as const }, { after: people.none.id }]) {
      (await portal.api.accounts(portal.id, query)).refused('malformed-request');
    }
    (await elsewhere.api.accounts(elsewhere.id, { after: next! })).refused('malformed-request');
  });
});

/** Must set up 2FA: it is not required. */
const noOne = { overdue: 0, inGrace: 0, notStarted: 0 };

describe('the summary of a portal', () => {
  it('R33 counts its Contributors, for administrators', async () => {
    const expected = { contributors: 6, enabled: 3, pending: 1, none: 2, locked: 2, suspended: 1, required: noOne };
    await until('all is counted', async () => {
      const summary = (await portal.api.twoFactorSummary(portal.id)).success();
      return JSON.stringify(summary) === JSON.stringify(expected);
    });
    const tool = await portal.service('accounts');
    for (const api of [tool, people.enrolled.api]) (await api.twoFactorSummary(portal.id)).refused('forbidden');
  });

  it('R28 knows at once what an administrator did', async () => {
    const own = await Portal.make(stack);
    const [disabled, unlocked] = [await own.enrolled(), await own.enrolled()];
    await unlocked.lock();
    (await own.api.disableFor(own.id, disabled.id)).success();
    (await own.api.unlock(own.id, unlocked.id)).success();
    expect((await own.api.twoFactorSummary(own.id)).success()).toEqual({
      ...{ contributors: 3, enabled: 1, pending: 0, none: 2, locked: 0, suspended: 0, required: noOne },
    });
    (await own.api.suspend(own.id, unlocked.id)).success();
    expect((await own.api.accounts(own.id, { status: 'suspended' })).success().accounts).toHaveLength(1);
  });
});
