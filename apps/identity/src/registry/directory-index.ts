import type { AccountType } from '#libs/contracts/src/primitives.js';
import { foldUsername } from '#libs/contracts/src/text/fold.js';
import { nameOf } from './usernames.js';

export interface DirectoryEntry {
  readonly accountId: string;
  readonly username: string;
  readonly displayName: string | null;
  readonly email: string | null;
  readonly type: AccountType;
  /** Milliseconds. */
  readonly suspendedAt: number | null;
}
interface Indexed extends DirectoryEntry {
  /** Of the account's stream; an older one changes nothing. */
  readonly version: number;
  /** By which it is sorted. */
  readonly name: string;
  /** In which is searched: the texts folded, one to a line. */
  readonly text: string;
}

interface PortalIndex {
  readonly byId: Map<string, Indexed>;
  sorted: Indexed[];
  /** What was put in since it was sorted is at its end. */
  isSorted: boolean;
}

export interface PageQuery {
  readonly query?: string | undefined;
  readonly ids?: readonly string[] | undefined;
  readonly after?: string | undefined;
  readonly limit: number;
}

export interface Page {
  readonly entries: readonly DirectoryEntry[];
  readonly more: boolean;
}

/** The accounts of every portal in the order of their names, in memory: names stand sealed wherever they are stored (R42). */
export class DirectoryIndex {
  readonly #portals = new Map<string, PortalIndex>();

  put(portal: string, entry: DirectoryEntry, version: number): void {
    const index = this.#of(portal);
    const present = index.byId.get(entry.accountId);
    if (present && present.version >= version) return;
    const { username, displayName, email } = entry;
    const text = [username, displayName, email].map((each) => foldUsername(each ?? '')).join('\n');
    const indexed: Indexed = { ...entry, version, name: nameOf(username), text };
    if (present) index.sorted.splice(placeOf(this.#sorted(index), present), 1);
    index.byId.set(entry.accountId, indexed);
    index.sorted.push(indexed);
    index.isSorted = false;
  }

  delete(portal: string, accountId: string): void {
    const index = this.#of(portal);
    const present = index.byId.get(accountId);
    if (!present) return;
    index.sorted.splice(placeOf(this.#sorted(index), present), 1);
    index.byId.delete(accountId);
  }

  find(portal: string, accountId: string): DirectoryEntry | undefined {
    return this.#portals.get(portal)?.byId.get(accountId);
  }

  /**
   * By name, after that account, at most `limit`; `query` is a part of username, display name or email, in any case; `ids` are
   * those to choose from. `more`: whether another page follows. Null: no such account to go on from.
   */
  list(portal: string, { query = '', ids, after, limit }: PageQuery): Page | null {
    const index = this.#of(portal);
    const sorted = ids ? chosen(index, ids) : this.#sorted(index);
    let at = 0;
    if (after !== undefined) {
      const last = index.byId.get(after);
      if (!last) return null;
      at = placeOf(sorted, last);
      if (sorted[at] === last) at += 1;
    }
    const wanted = foldUsername(query);
    const entries: DirectoryEntry[] = [];
    for (; at < sorted.length; at++) {
      const entry = sorted[at]!;
      if (wanted !== '' && !entry.text.includes(wanted)) continue;
      if (entries.length === limit) return { entries, more: true };
      entries.push(entry);
    }
    return { entries, more: false };
  }

  clear(): void {
    this.#portals.clear();
  }

  #of(portal: string): PortalIndex {
    let index = this.#portals.get(portal);
    if (!index) this.#portals.set(portal, (index = { byId: new Map(), sorted: [], isSorted: true }));
    return index;
  }

  /** Of many that come at once, as at the start, each is sorted in once. */
  #sorted(index: PortalIndex): Indexed[] {
    if (index.isSorted) return index.sorted;
    index.sorted.sort(inOrder);
    index.isSorted = true;
    return index.sorted;
  }
}

const chosen = ({ byId }: PortalIndex, ids: readonly string[]): Indexed[] =>
  [...new Set(ids)].flatMap((id) => byId.get(id) ?? []).sort(inOrder);

const inOrder = (a: Indexed, b: Indexed): number =>
  a.name === b.name ? compare(a.accountId, b.accountId) : compare(a.name, b.name);
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
