import fc from 'fast-check';
import type { Person } from '#libs/contracts/src/events/identity.js';
import { foldUsername } from '#libs/contracts/src/text/fold.js';
import type { Place } from './cursors.js';
import { DirectoryIndex, type Filter, type ListedAccount, type PageQuery } from './directory-index.js';

const portal = 'demo';
const bare = (name: string) =>
  foldUsername(name)
    .normalize('NFD')
    .replace(/\p{Mn}/gu, '');
const ids = ['a1', 'a2', 'a3', 'a4', 'a5', 'a6'];
/** No two accounts have the same. */
const usernames: Record<string, string[]> = {
  a1: ['Ana', 'zoe'],
  a2: ['an', 'Émile'],
  a3: ['Zoë', 'ana b'],
  a4: ['李', 'anb'],
  a5: ['Bob', 'émil'],
  a6: ['Łucja', 'zo'],
};
const text = fc.constantFrom('Ana', 'Bob', 'Émile', 'zo', 'Łucja', 'an', '李');
const id = fc.constantFrom(...ids);
const account = (accountId: string): fc.Arbitrary<ListedAccount> =>
  fc.record({
    person: fc.record(
      { username: fc.constantFrom(...usernames[accountId]!), displayName: text, email: text },
      { requiredKeys: ['username'] },
    ),
    type: fc.constantFrom('contributor', 'power-reader'),
    suspended: fc.boolean(),
    version: fc.integer({ min: 1, max: 9 }),
  });
const secondFactor = fc.record({
  enrolment: fc.constantFrom('none', 'pending', 'enabled'),
  locked: fc.boolean(),
  graceEndsAt: fc.option(fc.integer({ min: 1, max: 3 })),
  version: fc.integer({ min: 1, max: 9 }),
});
const filter = fc.record(
  {
    status: fc.constantFrom('active', 'locked', 'suspended'),
    twoFactor: fc.constantFrom('none', 'pending', 'enabled'),
    type: fc.constantFrom('contributor', 'power-reader'),
    required: fc.constantFrom('overdue', 'in-grace', 'not-started'),
  },
  { requiredKeys: [] },
) as fc.Arbitrary<Filter>;
const sort = fc.constantFrom<Place['sort']>('username', '-lastLoginAt');
const step = fc.oneof(
  { weight: 6, arbitrary: id.chain((put) => fc.record({ put: fc.constant(put), account: account(put) })) },
  { weight: 3, arbitrary: fc.record({ factor: id, secondFactor }) },
  { weight: 3, arbitrary: fc.record({ login: id, at: fc.integer({ min: 1, max: 5 }) }) },
  { weight: 1, arbitrary: fc.record({ delete: id }) },
  { weight: 1, arbitrary: fc.record({ sort }) },
);
interface Known extends ListedAccount {
  readonly enrolment: string;
  readonly locked: boolean;
  readonly graceEndsAt: number | null;
  readonly factorVersion: number;
  readonly lastLoginAt: number;
}

describe('the index of the directory', () => {
  it('lists what was put last and not deleted, in order, filtered, whatever came in between and page by page', () => {
    const asked = fc.record({
      query: fc.option(text, { nil: '' }),
      filter,
      /** The portal requires 2FA, and it is that time. */
      dueAt: fc.constantFrom(null, 2),
      limit: fc.integer({ min: 1, max: 4 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), asked, sort, (steps, page, by) => {
        const index = new DirectoryIndex();
        const model = new Map<string, Known>();
        const change = (key: string, isNewer: (known: Known) => boolean, changes: Partial<Known>) => {
          const known = model.get(key);
          if (known && isNewer(known)) model.set(key, { ...known, ...changes });
        };
        for (const each of steps) {
          if ('put' in each) {
            const isNew = index.put(portal, each.put, each.account);
            expect(isNew).toBe(!model.has(each.put));
            if (isNew) {
              const none = { enrolment: 'none', locked: false, graceEndsAt: null, factorVersion: 0, lastLoginAt: 0 };
              model.set(each.put, { ...each.account, ...none });
            }
            change(each.put, ({ version }) => version < each.account.version, each.account);
          } else if ('factor' in each) {
            const { version, ...facts } = each.secondFactor;
            index.secondFactor(portal, each.factor, each.secondFactor);
            change(each.factor, ({ factorVersion }) => factorVersion < version, { ...facts, factorVersion: version });
          } else if ('login' in each) {
            index.loggedIn(portal, each.login, each.at);
            change(each.login, ({ lastLoginAt }) => lastLoginAt < each.at, { lastLoginAt: each.at });
          } else if ('delete' in each) {
            index.delete(portal, each.delete);
            model.delete(each.delete);
          } else {
            index.list(portal, { limit: 2 }, each);
          }
        }
        const found = [...model]
          .filter(
            ([
              ,
              {
                person: { username, displayName = '', email = '' },
              },
            ]) => [username, displayName, email].some((name) => bare(name).includes(bare(page.query))),
          )
          .filter(([, known]) => fits(known, page.filter, page.dueAt))
          .sort(
            ([a, one], [b, other]) =>
              (by === 'username' ? 0 : other.lastLoginAt - one.lastLoginAt) || byKey(by, a, one, b, other),
          )
          .map(([key]) => key);
        expect(all(index, page, by)).toEqual(found);
        const few = ['a1', 'a3', 'a3', 'a9'];
        expect(all(index, { ...page, ids: few }, by)).toEqual(found.filter((key) => few.includes(key)));
        expect(all(index, { ...page, without: few }, by)).toEqual(found.filter((key) => !few.includes(key)));
        for (const [key, { lastLoginAt }] of model) expect(index.lastLoginAt(portal, key)).toBe(lastLoginAt || null);
        const contributors = [...model.values()].filter(({ type }) => type === 'contributor');
        const count = (is: (known: Known) => boolean) => contributors.filter(is).length;
        expect(index.summary(portal, page.dueAt)).toEqual({
          contributors: contributors.length,
          enabled: count(({ enrolment }) => enrolment === 'enabled'),
          pending: count(({ enrolment }) => enrolment === 'pending'),
          none: count(({ enrolment }) => enrolment === 'none'),
          locked: count(({ locked }) => locked),
          suspended: count(({ suspended }) => suspended),
          required: {
            overdue: count((known) => dueOf(known, page.dueAt) === 'overdue'),
            inGrace: count((known) => dueOf(known, page.dueAt) === 'in-grace'),
            notStarted: count((known) => dueOf(known, page.dueAt) === 'not-started'),
          },
        });
      }),
      { numRuns: 500 },
    );
  });

  it('goes on from where a page ended, whoever of it has gone or changed, and lists nobody twice', () => {
    fc.assert(
      fc.property(fc.array(id, { maxLength: 6 }), fc.array(id, { maxLength: 6 }), sort, (gone, loggedIn, by) => {
        const index = new DirectoryIndex();
        for (const [at, key] of ids.entries()) {
          index.put(portal, key, listed(usernames[key]![0]!));
          index.loggedIn(portal, key, at + 1);
        }
        const whole = all(index, { limit: 9 }, by);
        const first = index.list(portal, { limit: 3 }, { sort: by });
        for (const key of gone) index.delete(portal, key);
        // who logs in now is listed first
        for (const key of loggedIn) index.loggedIn(portal, key, 9);
        const second = all(index, { limit: 2 }, by, first.next!);
        const expected = whole.slice(3).filter((key) => !gone.includes(key));
        const moved = by === 'username' ? [] : loggedIn;
        expect(second).toEqual(expected.filter((key) => !moved.includes(key)));
      }),
    );
  });

  it.each(['lopez', 'LÓPEZ', 'lópez', 'Lopez'])('finds López by %s', (query) => {
    const index = new DirectoryIndex();
    index.put(portal, 'a1', listed('ana', 'Ana López'));
    index.put(portal, 'a2', listed('lope'));
    expect(all(index, { limit: 9, query })).toEqual(['a1']);
  });

  it('knows nothing of other portals', () => {
    const index = new DirectoryIndex();
    index.put('other', 'a1', listed('ana'));
    index.delete(portal, 'a1');
    index.loggedIn(portal, 'a1', 5);
    expect(index.list(portal, { limit: 9 }, { sort: 'username' })).toEqual({ accountIds: [], next: null });
    expect(index.list('other', { limit: 9 }, { sort: 'username' })).toEqual({ accountIds: ['a1'], next: null });
    expect(index.lastLoginAt('other', 'a1')).toBeNull();
  });
});

const listed = (username: string, displayName = ''): ListedAccount => ({
  person: { username, displayName },
  type: 'contributor',
  suspended: false,
  version: 1,
});

function all(index: DirectoryIndex, page: PageQuery, sort: Place['sort'] = 'username', after?: Place): string[] {
  const listed: string[] = [];
  for (let from: Place | { sort: Place['sort'] } | null = after ?? { sort }; from;) {
    const { accountIds, next } = index.list(portal, page, from);
    listed.push(...accountIds);
    from = next;
  }
  return listed;
}

function dueOf({ type, enrolment, graceEndsAt }: Known, dueAt: number | null) {
  if (dueAt === null || type === 'power-reader' || enrolment === 'enabled') return undefined;
  return graceEndsAt === null ? 'not-started' : graceEndsAt <= dueAt ? 'overdue' : 'in-grace';
}

const fits = (known: Known, { status, twoFactor, type: wanted, required }: Filter, dueAt: number | null) =>
  fitsOthers(known, { status, twoFactor, type: wanted }) &&
  (required === undefined || required === dueOf(known, dueAt));

const fitsOthers = ({ type, enrolment, locked, suspended }: Known, { status, twoFactor, type: wanted }: Filter) =>
  (wanted ?? type) === type &&
  (twoFactor ?? enrolment) === enrolment &&
  (status === undefined || status === (suspended ? 'suspended' : locked ? 'locked' : 'active'));

const byKey = (by: Place['sort'], a: string, one: Known, b: string, other: Known) => {
  const [first, second] = by === 'username' ? [sortedBy(one.person), sortedBy(other.person)] : [a, b];
  return first < second ? -1 : 1;
};
const sortedBy = ({ username, displayName = '', email = '' }: Person) =>
  [username, displayName, email].map(foldUsername).join('\n');
