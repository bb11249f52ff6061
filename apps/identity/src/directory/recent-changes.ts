import type { Records } from '#libs/engine/src/port.js';
import { allRecords, updateRecord } from '#libs/engine/src/records.js';

/** How many changes a portal has had, and the accounts of the last ones. */
interface Changes {
  readonly count: number;
  readonly recent: readonly string[];
}
interface Gathered {
  readonly accountIds: Set<string>;
  readonly noted: Promise<void>;
}

const MOST_RECENT = 256;

/** By which instances on one database tell one another whose record has changed, so that each keeps its memory up with it. */
export class RecentChanges {
  /** Changes that this instance has taken in, by portal. */
  private readonly seen = new Map<string, number>();
  private readonly gathered = new Map<string, Gathered>();
  private readonly last = new Map<string, Promise<void>>();

  constructor(private readonly records: Records<Changes>) {}

  /** After the record was written. Those that come at the same time are noted together. */
  note(portal: string, accountId: string): Promise<void> {
    let gathered = this.gathered.get(portal);
    if (!gathered) {
      const accountIds = new Set<string>();
      const before = this.last.get(portal)?.catch(() => {}) ?? Promise.resolve();
      const noted = before.then(() => {
        this.gathered.delete(portal);
        return this.append(portal, [...accountIds]);
      });
      this.last.set(portal, noted);
      this.gathered.set(portal, (gathered = { accountIds, noted }));
    }
    gathered.accountIds.add(accountId);
    return gathered.noted;
  }

  /** What is read after this has all changes of before. */
  async start(): Promise<void> {
    for await (const { key, value } of allRecords(this.records, { page: MOST_RECENT })) {
      this.seen.set(String(key[0]), value.count);
    }
  }

  /** Gives the accounts whose record may have changed since the last time; of more than are remembered: all of the portal. */
  async follow(portal: string, take: (changed: readonly string[] | 'all') => Promise<void>): Promise<void> {
    const changes = await this.records.get([portal]);
    const missed = (changes?.count ?? 0) - (this.seen.get(portal) ?? 0);
    if (!changes || missed <= 0) return;
    await take(missed > changes.recent.length ? 'all' : [...new Set(changes.recent.slice(-missed))]);
    this.seen.set(portal, Math.max(changes.count, this.seen.get(portal) ?? 0));
  }

  private async append(portal: string, accountIds: readonly string[]): Promise<void> {
    await updateRecord(this.records, [portal], (present = { count: 0, recent: [] }) => ({
      count: present.count + accountIds.length,
      recent: [...present.recent, ...accountIds].slice(-MOST_RECENT),
    }));
  }
}
