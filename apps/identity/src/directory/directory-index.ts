import type { Person } from '#libs/contracts/src/events/identity.js';
import type { TwoFactorSummary } from '#libs/contracts/src/http/identity.js';
import type { AccountStatus, AccountType, EnrolmentDue, EnrolmentStatus } from '#libs/contracts/src/primitives.js';
import { foldUsername } from '#libs/contracts/src/text/fold.js';
import { enrolmentDue } from '../enrolment/due.js';
import type { Place } from './cursors.js';
import { firstWhere, Ordered } from './ordered.js';

/** What identity's log says of an account, as far as lists ask for it. */
export interface ListedAccount {
  readonly person: Person;
  readonly type: AccountType;
  readonly suspended: boolean;
  /** Of the account's stream; an older one changes nothing. */
  readonly version: number;
}

/** What two-factor's events say of it. */
export interface ListedSecondFactor {
  readonly enrolment: EnrolmentStatus;
  readonly locked: boolean;
  /** Milliseconds; null: no time of grace has begun (R37). Missing where it was written before there was any. */
  readonly graceEndsAt?: number | null;
  /** Raised by each change; an older one changes nothing. */
  readonly version: number;
}

const NEVER = 0;

/** A class, since an object that grows member by member becomes a hash table: three times as large, and a hundred times as slow. */
class Indexed {
  version = 0;
  type: AccountType = 'contributor';
  suspended = false;
  enrolment: EnrolmentStatus = 'none';
  locked = false;
  graceEndsAt: number | null = null;
  factorVersion = 0;
  /** Milliseconds, or `NEVER`. */
  lastLoginAt = NEVER;
  /** It was deleted, or another has taken its place. */
  gone = false;

  constructor(
    readonly accountId: string,
    /** Where it stands in the order of names: the texts folded, one to a line, the name first. */
    readonly text: string,
    /** In which is searched: the same without marks, most often the same string. */
    readonly plain: string,
  ) {}
}
/** Where an account stands in the order of logins, until the next one. */
interface Login {
  readonly account: Indexed;
  readonly at: number;
}

interface PortalIndex {
  readonly byId: Map<string, Indexed>;
  readonly byName: Ordered<Indexed>;
  /** Undefined until somebody asks for it. */
  byLogin: Ordered<Login> | undefined;
  /** What filters look for: few are found without a look at all. */
  readonly facets: Readonly<Record<Facet, Set<Indexed>>>;
}
type Facet = EnrolmentStatus | 'locked' | 'suspended' | 'graced';

export interface Filter {
  readonly status?: AccountStatus | undefined;
  readonly twoFactor?: EnrolmentStatus | undefined;
  readonly type?: AccountType | undefined;
  readonly required?: EnrolmentDue | undefined;
}

export interface PageQuery {
  /** A part of username, display name or email, in any case and with or without marks. */
  readonly query?: string | undefined;
  /** To choose from. */
  readonly ids?: readonly string[] | undefined;
  /** Accounts that are left out: a few. */
  readonly without?: readonly string[] | undefined;
  readonly filter?: Filter;
  /** The time where the portal requires 2FA, milliseconds; null: it does not. */
  readonly dueAt?: number | null;
  readonly limit: number;
}

export interface Found {
  readonly accountIds: readonly string[];
  /** Where the next page begins; null: there is none. */
  readonly next: Place | null;
}

/**
 * The accounts of every portal, in memory: names stand sealed wherever they are stored (R42). It has what order, search and
 * filters need, a few hundred bytes for each account, and nothing else of what is shown.
 */
export class DirectoryIndex {
  readonly #portals = new Map<string, PortalIndex>();

  /** True: it was not there before. */
  put(portal: string, accountId: string, { person, type, suspended, version }: ListedAccount): boolean {
    const index = this.#of(portal);
    const present = index.byId.get(accountId);
    if (present && present.version >= version) return false;
    const text = [person.username, person.displayName ?? '', person.email ?? ''].map(foldUsername).join('\n');
    const bare = withoutMarks(text);
    const plain = bare === text ? text : bare;
    const account = present?.text === text ? present : new Indexed(accountId, text, plain);
    if (present && present !== account) {
      const { enrolment, locked, graceEndsAt, factorVersion, lastLoginAt } = present;
      const kept = { enrolment, locked, graceEndsAt, factorVersion, lastLoginAt } satisfies Partial<Indexed>;
      Object.assign(account, kept);
      leave(index, present);
    }
    Object.assign(account, { version, type, suspended } satisfies Partial<Indexed>);
    if (present !== account) enter(index, account);
    note(index, account);
    return present === undefined;
  }

  secondFactor(
    portal: string,
    accountId: string,
    { enrolment, locked, graceEndsAt = null, version }: ListedSecondFactor,
  ): void {
    const index = this.#of(portal);
    const account = index.byId.get(accountId);
    if (!account || account.factorVersion >= version) return;
    const known = { enrolment, locked, graceEndsAt, factorVersion: version } satisfies Partial<Indexed>;
    Object.assign(account, known);
    note(index, account);
  }

  loggedIn(portal: string, accountId: string, at: number): void {
    const { byId, byLogin } = this.#of(portal);
    const account = byId.get(accountId);
    if (!account || account.lastLoginAt >= at) return;
    byLogin?.remove({ account, at: account.lastLoginAt });
    account.lastLoginAt = at;
    byLogin?.put({ account, at });
  }

  /** Milliseconds; null: never, or there is no such account. */
  lastLoginAt(portal: string, accountId: string): number | null {
    const at = this.#of(portal).byId.get(accountId)?.lastLoginAt ?? NEVER;
    return at > NEVER ? at : null;
  }

  delete(portal: string, accountId: string): void {
    const index = this.#of(portal);
    const account = index.byId.get(accountId);
    if (account) leave(index, account);
  }

  /** Account ids in order after that place, or from the first one. */
  list(portal: string, page: PageQuery, from: Place | { readonly sort: Place['sort'] }): Found {
    const index = this.#of(portal);
    if (from.sort === 'username') {
      const after = 'name' in from ? from.name + AFTER_THE_NAME : '';
      return found(index, page, byName, ({ text }) => text >= after);
    }
    if (!('at' in from)) return found(index, page, byLogin, () => true);
    const { at, accountId } = from;
    return found(index, page, byLogin, (one) => one.at < at || (one.at === at && one.account.accountId > accountId));
  }

  /** Of Contributors; `dueAt` as for a page. */
  summary(portal: string, dueAt: number | null): TwoFactorSummary {
    const counts = { contributors: 0, enabled: 0, pending: 0, none: 0, locked: 0, suspended: 0 };
    const due = { overdue: 0, 'in-grace': 0, 'not-started': 0 };
    for (const account of this.#of(portal).byId.values()) {
      const { type, enrolment, locked, suspended } = account;
      if (type !== 'contributor') continue;
      const when = enrolmentDue(account, dueAt);
      if (when) due[when] += 1;
      counts.contributors += 1;
      counts[enrolment] += 1;
      if (locked) counts.locked += 1;
      if (suspended) counts.suspended += 1;
    }
    const { overdue, 'in-grace': inGrace, 'not-started': notStarted } = due;
    return { ...counts, required: { overdue, inGrace, notStarted } };
  }

  clear(): void {
    this.#portals.clear();
  }

  #of(portal: string): PortalIndex {
    let index = this.#portals.get(portal);
    if (!index) this.#portals.set(portal, (index = emptyIndex()));
    return index;
  }
}

const emptyIndex = (): PortalIndex => ({
  byId: new Map(),
  byName: new Ordered(byName.compare, ({ gone }) => gone),
  byLogin: undefined,
  facets: {
    none: new Set(),
    pending: new Set(),
    enabled: new Set(),
    locked: new Set(),
    suspended: new Set(),
    graced: new Set(),
  },
});

function enter({ byId, byName, byLogin }: PortalIndex, account: Indexed): void {
  byId.set(account.accountId, account);
  byName.put(account);
  byLogin?.put({ account, at: account.lastLoginAt });
}

function leave({ byId, byName, byLogin, facets }: PortalIndex, account: Indexed): void {
  account.gone = true;
  byId.delete(account.accountId);
  byName.remove(account);
  byLogin?.remove({ account, at: account.lastLoginAt });
  for (const facet of Object.values(facets)) facet.delete(account);
}

function note({ facets }: PortalIndex, account: Indexed): void {
  const { enrolment, locked, suspended, graceEndsAt } = account;
  const graced = graceEndsAt !== null && enrolment !== 'enabled';
  const has = { none: false, pending: false, enabled: false, locked, suspended, graced, [enrolment]: true };
  for (const [name, facet] of Object.entries(facets)) {
    if (has[name as Facet]) facet.add(account);
    else facet.delete(account);
  }
}

/** Names have no control characters: all that the name's own account has begins before it, every other name after. */
const AFTER_THE_NAME = '\v';

/** One way to sort accounts. */
interface Order<Item> {
  readonly compare: (a: Item, b: Item) => number;
  readonly all: (index: PortalIndex) => Ordered<Item>;
  readonly itemOf: (account: Indexed) => Item;
  readonly accountOf: (item: Item) => Indexed;
  readonly placeOf: (item: Item) => Place;
}
const compared = <Value>(a: Value, b: Value): number => (a < b ? -1 : a > b ? 1 : 0);

const byName: Order<Indexed> = {
  compare: (a, b) => compared(a.text, b.text) || compared(a.accountId, b.accountId),
  all: (index) => index.byName,
  itemOf: (account) => account,
  accountOf: (account) => account,
  placeOf: ({ text }) => ({ sort: 'username', name: text.slice(0, text.indexOf('\n')) }),
};

const byLogin: Order<Login> = {
  compare: (a, b) => compared(b.at, a.at) || compared(a.account.accountId, b.account.accountId),
  all: (index) => (index.byLogin ??= loginsOf(index)),
  itemOf: (account) => ({ account, at: account.lastLoginAt }),
  accountOf: ({ account }) => account,
  placeOf: ({ at, account: { accountId } }) => ({ sort: '-lastLoginAt', at, accountId }),
};

function loginsOf({ byId }: PortalIndex): Ordered<Login> {
  const order = new Ordered<Login>(byLogin.compare, ({ account, at }) => account.gone || account.lastLoginAt !== at);
  for (const account of byId.values()) order.put(byLogin.itemOf(account));
  return order;
}

/** So many are sorted faster than all are looked at. */
const FEW = 1_000;

function found<Item>(
  index: PortalIndex,
  { query = '', ids, without = [], filter = {}, dueAt = null, limit }: PageQuery,
  { compare, all, itemOf, accountOf, placeOf }: Order<Item>,
  isAfter: (item: Item) => boolean,
): Found {
  const few = ids ? accountsOf(index, ids) : fewWith(index, filter);
  const sorted = few ? few.map(itemOf).sort(compare) : all(index).items();
  const wanted = withoutMarks(foldUsername(query));
  const { status, twoFactor, type, required } = filter;
  const accountIds: string[] = [];
  let last: Item | undefined;
  for (let at = firstWhere(sorted, isAfter); at < sorted.length; at++) {
    const item = sorted[at]!;
    const account = accountOf(item);
    if (type !== undefined && account.type !== type) continue;
    if (twoFactor !== undefined && account.enrolment !== twoFactor) continue;
    if (status !== undefined && statusOf(account) !== status) continue;
    if (required !== undefined && enrolmentDue(account, dueAt) !== required) continue;
    if (wanted !== '' && !account.plain.includes(wanted)) continue;
    if (without.includes(account.accountId)) continue;
    if (last && accountIds.length === limit) return { accountIds, next: placeOf(last) };
    accountIds.push(account.accountId);
    last = item;
  }
  return { accountIds, next: null };
}

const accountsOf = ({ byId }: PortalIndex, ids: readonly string[]): Indexed[] =>
  [...new Set(ids)].flatMap((id) => byId.get(id) ?? []);

/** Where a filter is for something that few have: those. */
function fewWith({ facets }: PortalIndex, { status, twoFactor, required }: Filter): Indexed[] | undefined {
  const asked: Facet[] = [
    ...(status === undefined || status === 'active' ? [] : [status]),
    ...(twoFactor ? [twoFactor] : []),
    ...(required === undefined || required === 'not-started' ? [] : (['graced'] as const)),
  ];
  const having = asked.map((facet) => facets[facet]).sort((a, b) => a.size - b.size)[0];
  return having && having.size <= FEW ? [...having] : undefined;
}

const statusOf = ({ suspended, locked }: Indexed): AccountStatus =>
  suspended ? 'suspended' : locked ? 'locked' : 'active';

const ascii = /^[\x00-\x7f]*$/;
/** `lopez` of `lópez`: who looks for a person need not have all keys of their name. */
const withoutMarks = (text: string): string =>
  ascii.test(text)
    ? text
    : text
        .normalize('NFD')
        .replace(/\p{Mn}/gu, '')
        .normalize('NFC');
