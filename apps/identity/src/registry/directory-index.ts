import type { Person } from '#libs/contracts/src/events/identity.js';
import { foldUsername } from '#libs/contracts/src/text/fold.js';

interface Indexed {
  readonly accountId: string;
  /** Of the account's stream; an older one changes nothing. */
  readonly version: number;
  /** Where it stands in the order: the texts folded, one to a line, the name first. */
  readonly text: string;
  /** In which is searched: the same without marks, most often the same string. */
  readonly plain: string;
}

interface PortalIndex {
  readonly byId: Map<string, Indexed>;
  readonly sorted: Indexed[];
  /** Of many that come at once, as at the start, each is sorted in once. */
  isSorted: boolean;
}

export interface PageQuery {
  readonly query?: string | undefined;
  readonly ids?: readonly string[] | undefined;
  /** Accounts that are left out: a few. */
  readonly without?: readonly string[] | undefined;
  readonly after?: string | undefined;
  readonly limit: number;
}

export interface Page<Entry> {
  readonly entries: readonly Entry[];
  readonly more: boolean;
}

/**
 * The accounts of every portal in the order of their names, in memory: names stand sealed wherever they are stored (R42). It has
 * what order and search need, a few hundred bytes for each account, and nothing that is shown.
 */
export class DirectoryIndex {
  readonly #portals = new Map<string, PortalIndex>();

  put(portal: string, accountId: string, version: number, { username, displayName = '', email = '' }: Person): void {
    const index = this.#of(portal);
    const present = index.byId.get(accountId);
    if (present && present.version >= version) return;
    if (present) removeFrom(index, present);
    const text = [username, displayName, email].map(foldUsername).join('\n');
    const plain = withoutMarks(text);
    const indexed: Indexed = { accountId, version, text, plain: plain === text ? text : plain };
    index.byId.set(accountId, indexed);
    if (index.isSorted) index.sorted.splice(placeOf(index.sorted, indexed), 0, indexed);
    else index.sorted.push(indexed);
  }

  delete(portal: string, accountId: string): void {
    const index = this.#of(portal);
    const present = index.byId.get(accountId);
    if (present) removeFrom(index, present);
  }

  /**
   * Account ids by name, after that account, at most `limit`; `query` is a part of username, display name or email, in any case and
   * with or without marks; `ids` are those to choose from. `more`: whether another page follows. Null: no such account to go on from.
   */
  list(portal: string, { query = '', ids, without = [], after, limit }: PageQuery): Page<string> | null {
    const index = this.#of(portal);
    const sorted = ids ? chosen(index, ids) : sortedOf(index);
    let at = 0;
    if (after !== undefined) {
      const last = index.byId.get(after);
      if (!last) return null;
      at = placeOf(sorted, last);
      if (sorted[at] === last) at += 1;
    }
    const wanted = withoutMarks(foldUsername(query));
    const entries: string[] = [];
    for (; at < sorted.length; at++) {
      const { accountId, plain } = sorted[at]!;
      if (wanted !== '' && !plain.includes(wanted)) continue;
      if (without.includes(accountId)) continue;
      if (entries.length === limit) return { entries, more: true };
      entries.push(accountId);
    }
    return { entries, more: false };
  }

  clear(): void {
    this.#portals.clear();
  }

  #of(portal: string): PortalIndex {
    let index = this.#portals.get(portal);
    if (!index) this.#portals.set(portal, (index = { byId: new Map(), sorted: [], isSorted: false }));
    return index;
  }
}

function sortedOf(index: PortalIndex): Indexed[] {
  if (!index.isSorted) index.sorted.sort(inOrder);
  index.isSorted = true;
  return index.sorted;
}

function removeFrom(index: PortalIndex, entry: Indexed): void {
  sortedOf(index).splice(placeOf(sortedOf(index), entry), 1);
  index.byId.delete(entry.accountId);
}

const ascii = /^[\x00-\x7f]*$/;
/** `lopez` of `lópez`: who looks for a person need not have all keys of their name. */
const withoutMarks = (text: string): string =>
  ascii.test(text)
    ? text
    : text
        .normalize('NFD')
        .replace(/\p{Mn}/gu, '')
        .normalize('NFC');

const chosen = ({ byId }: PortalIndex, ids: readonly string[]): Indexed[] =>
  [...new Set(ids)].flatMap((id) => byId.get(id) ?? []).sort(inOrder);

const inOrder = (a: Indexed, b: Indexed): number => compare(a.text, b.text) || compare(a.accountId, b.accountId);
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Where it stands in what is sorted. */
function placeOf(sorted: readonly Indexed[], entry: Indexed): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (inOrder(sorted[middle]!, entry) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
