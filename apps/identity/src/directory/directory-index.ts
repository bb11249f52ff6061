import type { Person } from '#libs/contracts/src/events/identity.js';
import type { TwoFactorSummary } from '#libs/contracts/src/http/identity.js';
import type { AccountStatus, AccountType, EnrolmentStatus } from '#libs/contracts/src/primitives.js';
import { foldUsername } from '#libs/contracts/src/text/fold.js';
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
  /** Of the stream that these events are of; an older one changes nothing. */
  readonly version: number;
}

interface Indexed {
  readonly accountId: string;
  /** By the texts folded, one to a line, the name first. */
  named: Placed<string>;
  /** In which is searched: the same without marks, most often the same string. */
  plain: string;
  version: number;
  type: AccountType;
  suspended: boolean;
  enrolment: EnrolmentStatus;
  locked: boolean;
  factorVersion: number;
  /** Milliseconds, or `NEVER`. */
  lastLoginAt: number;
}
/** Where an account stands in one order. */
interface Placed<By> {
  readonly account: Indexed;
  readonly by: By;
}

interface PortalIndex {
  readonly byId: Map<string, Indexed>;
  readonly byName: Ordered<Placed<string>>;
  /** Undefined until somebody asks for it. */
  byLogin: Ordered<Placed<number>> | undefined;
}

/** The last account of a page: the next one begins after it, also where it is gone. */
export type Place =
  | { readonly sort: 'username'; readonly name: string }
  | { readonly sort: '-lastLoginAt'; readonly at: number; readonly accountId: string };

export interface Filter {
  readonly status?: AccountStatus | undefined;
  readonly twoFactor?: EnrolmentStatus | undefined;
  readonly type?: AccountType | undefined;
}

export interface PageQuery {
  /** A part of username, display name or email, in any case and with or without marks. */
  readonly query?: string | undefined;
  /** To choose from. */
  readonly ids?: readonly string[] | undefined;
  /** Accounts that are left out: a few. */
  readonly without?: readonly string[] | undefined;
  readonly filter?: Filter;
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
    const account = present ?? newlyIndexed(accountId);
    Object.assign(account, { plain, version, type, suspended } satisfies Partial<Indexed>);
    if (account.named.by !== text) {
      account.named = { account, by: text };
      index.byName.put(account.named);
      if (present) index.byName.gone();
    }
    if (present) return false;
    index.byId.set(accountId, account);
    index.byLogin?.put({ account, by: NEVER });
    return true;
  }

  secondFactor(portal: string, accountId: string, { enrolment, locked, version }: ListedSecondFactor): void {
    const account = this.#of(portal).byId.get(accountId);
    if (!account || account.factorVersion >= version) return;
    Object.assign(account, { enrolment, locked, factorVersion: version } satisfies Partial<Indexed>);
  }

  loggedIn(portal: string, accountId: string, at: number): void {
    const { byId, byLogin } = this.#of(portal);
    const account = byId.get(accountId);
    if (!account || account.lastLoginAt >= at) return;
    account.lastLoginAt = at;
    byLogin?.gone();
    byLogin?.put({ account, by: at });
  }

  /** Milliseconds; null: never, or there is no such account. */
  lastLoginAt(portal: string, accountId: string): number | null {
    const at = this.#of(portal).byId.get(accountId)?.lastLoginAt ?? NEVER;
    return at > NEVER ? at : null;
  }

  delete(portal: string, accountId: string): void {
    const { byId, byName, byLogin } = this.#of(portal);
    const account = byId.get(accountId);
    if (!account) return;
    byId.delete(accountId);
    account.named = { account, by: '' };
    account.lastLoginAt = GONE;
    byName.gone();
    byLogin?.gone();
  }

  /** Account ids in order after that place, or from the first one. */
  list(portal: string, page: PageQuery, from: Place | { readonly sort: Place['sort'] }): Found {
    if (from.sort === 'username') {
      const isAfter = 'name' in from ? (text: string) => text >= from.name + AFTER_THE_NAME : undefined;
      const placeOf = ({ by }: Placed<string>): Place => ({ sort: 'username', name: by.slice(0, by.indexOf('\n')) });
      return found(this.#chosen(portal, page.ids, byName), page, isAfter && (({ by }) => isAfter(by)), placeOf);
    }
    const isAfter =
      'at' in from
        ? ({ by, account }: Placed<number>) => by < from.at || (by === from.at && account.accountId > from.accountId)
        : undefined;
    return found(this.#chosen(portal, page.ids, byLogin), page, isAfter, ({ by: at, account: { accountId } }) => ({
      ...{ sort: '-lastLoginAt', at, accountId },
    }));
  }

  /** Of Contributors. */
  summary(portal: string): TwoFactorSummary {
    const counts = { contributors: 0, enabled: 0, pending: 0, none: 0, locked: 0, suspended: 0 };
    for (const { type, enrolment, locked, suspended } of this.#of(portal).byId.values()) {
      if (type !== 'contributor') continue;
      counts.contributors += 1;
      counts[enrolment] += 1;
      if (locked) counts.locked += 1;
      if (suspended) counts.suspended += 1;
    }
    return counts;
  }

  clear(): void {
    this.#portals.clear();
  }

  #chosen<By>(portal: string, ids: readonly string[] | undefined, order: OrderOf<By>): readonly Placed<By>[] {
    const index = this.#of(portal);
    if (!ids) return order.of(index).items();
    const accounts = [...new Set(ids)].flatMap((id) => index.byId.get(id) ?? []);
    return accounts.map((account) => ({ account, by: order.by(account) })).sort(order.compare);
  }

  #of(portal: string): PortalIndex {
    let index = this.#portals.get(portal);
    if (!index) this.#portals.set(portal, (index = { byId: new Map(), byName: byName.made(), byLogin: undefined }));
    return index;
  }
}

/** No times of a login. */
const [NEVER, GONE] = [0, -1];
/** Names have no control characters: all that the name's own account has begins before it, every other name after. */
const AFTER_THE_NAME = '\v';

function newlyIndexed(accountId: string): Indexed {
  const account = { accountId, plain: '', version: 0, type: 'contributor' as const, suspended: false };
  const secondFactor = { enrolment: 'none' as const, locked: false, factorVersion: 0 };
  const indexed = { ...account, ...secondFactor, lastLoginAt: NEVER } as unknown as Indexed;
  indexed.named = { account: indexed, by: '' };
  return indexed;
}

interface OrderOf<By> {
  readonly by: (account: Indexed) => By;
  readonly compare: (a: Placed<By>, b: Placed<By>) => number;
  readonly made: () => Ordered<Placed<By>>;
  readonly of: (index: PortalIndex) => Ordered<Placed<By>>;
}

function orderOf<By extends string | number>(
  by: OrderOf<By>['by'],
  isBefore: (a: By, b: By) => boolean,
  isGone: (placed: Placed<By>) => boolean,
  of: OrderOf<By>['of'],
): OrderOf<By> {
  const compare = (a: Placed<By>, b: Placed<By>): number => {
    if (a.by !== b.by) return isBefore(a.by, b.by) ? -1 : 1;
    return a.account.accountId < b.account.accountId ? -1 : a.account.accountId > b.account.accountId ? 1 : 0;
  };
  const made = () => new Ordered<Placed<By>>(compare, isGone);
  return { by, compare, made, of };
}

const byName: OrderOf<string> = orderOf(
  ({ named }) => named.by,
  (a, b) => a < b,
  (placed) => placed.account.named !== placed,
  (index) => index.byName,
);
const byLogin: OrderOf<number> = orderOf(
  ({ lastLoginAt }) => lastLoginAt,
  (a, b) => a > b,
  // a login is always later than the one before
  ({ account, by }) => account.lastLoginAt !== by,
  (index) => {
    if (index.byLogin) return index.byLogin;
    const order = byLogin.made();
    for (const account of index.byId.values()) order.put({ account, by: account.lastLoginAt });
    return (index.byLogin = order);
  },
);

function found<By>(
  sorted: readonly Placed<By>[],
  { query = '', without = [], filter = {}, limit }: PageQuery,
  isAfter: ((placed: Placed<By>) => boolean) | undefined,
  placeOf: (placed: Placed<By>) => Place,
): Found {
  const wanted = withoutMarks(foldUsername(query));
  const { status, twoFactor, type } = filter;
  const accountIds: string[] = [];
  let last: Placed<By> | undefined;
  for (let at = isAfter ? firstWhere(sorted, isAfter) : 0; at < sorted.length; at++) {
    const placed = sorted[at]!;
    const { account } = placed;
    if (type !== undefined && account.type !== type) continue;
    if (twoFactor !== undefined && account.enrolment !== twoFactor) continue;
    if (status !== undefined && statusOf(account) !== status) continue;
    if (wanted !== '' && !account.plain.includes(wanted)) continue;
    if (without.includes(account.accountId)) continue;
    if (last && accountIds.length === limit) return { accountIds, next: placeOf(last) };
    accountIds.push(account.accountId);
    last = placed;
  }
  return { accountIds, next: null };
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
