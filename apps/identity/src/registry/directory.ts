import { updateRecord } from '#libs/engine/src/records.js';
import { Inject, Injectable } from '@nestjs/common';
import pMap from 'p-map';
import type { Person } from '#libs/contracts/src/events/identity.js';
import type { AccountType } from '#libs/contracts/src/primitives.js';
import { type AccountRef, partsOf } from '#libs/contracts/src/stream.js';
import type { Engine, Key, Records } from '#libs/engine/src/port.js';
import type { SealedPerson } from '#libs/event-store/src/decision.js';
import { ENGINE } from '#libs/platform/src/tokens.js';
import { PersonalKeys } from '#libs/vault/src/personal/personal-keys.js';
import { Accounts } from './accounts.js';
import { SsoSubjects } from './sso-subjects.js';
import { DirectoryIndex, type Page, type PageQuery } from './directory-index.js';
import { Usernames } from './usernames.js';

/** A record of the projection: who it is, sealed as in the event that said it. */
interface Entry {
  readonly person: SealedPerson;
  readonly type: AccountType;
  /** Milliseconds. */
  readonly suspendedAt: number | null;
  /** Of the account's stream; an older one changes nothing. */
  readonly version: number;
}

const POSITION: Key = ['position'];
const NAMING: Key = ['naming'];
/** Raised when names are compared in another way: what stands under a name is then made anew. */
const NAMED_AS = 3;
const BATCH = 500;
/** Accounts that are put back side by side: each takes some round trips to a database. */
const SIDE_BY_SIDE = 64;
/** Names of the events that change what stands here. */
const shown: ReadonlySet<string> = new Set([
  'AccountRegistered',
  'AccountChanged',
  'AccountSuspended',
  'AccountResumed',
  'AccountDeleted',
]);

/**
 * The accounts of a portal by name: a projection. What is kept is sealed; its index is in memory, opened at the start. Written
 * right after each change, so that the next request finds it; what a crash left out is read from the log at the next start.
 */
@Injectable()
export class Directory {
  private readonly entries: Records<Entry>;
  private readonly positions: Records<number>;
  private readonly index = new DirectoryIndex();
  private opened = false;
  /** Up to there the index knows the log. */
  private position = 0;
  private following: Promise<void> | undefined;

  constructor(
    @Inject(ENGINE) private readonly engine: Pick<Engine, 'log' | 'records'>,
    private readonly accounts: Accounts,
    private readonly usernames: Usernames,
    private readonly ssoSubjects: SsoSubjects,
    private readonly keys: PersonalKeys,
  ) {
    this.entries = engine.records('directory');
    this.positions = engine.records('directory-position');
  }

  /** After a change of the account. */
  async update(ref: AccountRef): Promise<void> {
    const { state, version } = await this.accounts.load(ref);
    if (state.deleted) return this.forget(ref);
    if (!state.profile) return;
    const { suspendedAt } = state;
    const { person, type } = state.profile;
    const entry: Entry = { person, type, suspendedAt, version };
    await updateRecord(this.entries, [ref.portal, ref.accountId], (present) =>
      present && present.version >= version ? undefined : entry,
    );
    await this.show(ref.portal, [{ accountId: ref.accountId, ...entry }]);
    // deleted at this moment: what was written after it goes too
    if ((await this.accounts.state(ref)).deleted) await this.forget(ref);
  }

  private async forget({ portal, accountId }: AccountRef): Promise<void> {
    await this.entries.delete([portal, accountId]);
    this.index.delete(portal, accountId);
  }

  /** As `DirectoryIndex.list`, of all that any instance has recorded. */
  async list(portal: string, page: PageQuery): Promise<Page | null> {
    if (this.engine.log.shared) await this.follow();
    return this.index.list(portal, page);
  }

  /** The present usernames, in order; null: the portal has no such account, or none any more. */
  async usernamesOf(portal: string, accountIds: readonly string[]): Promise<(string | null)[]> {
    if (this.engine.log.shared) await this.follow();
    return accountIds.map((id) => this.index.find(portal, id)?.username ?? null);
  }

  /** Reads what was appended since the last time, and puts back what a crash left out. Makes the index the first time. */
  async catchUp(): Promise<void> {
    const namedAs = await this.positions.get(NAMING);
    const position = (await this.positions.get(POSITION)) ?? 0;
    if (namedAs !== NAMED_AS && position > 0) return this.rebuild();
    if (namedAs !== NAMED_AS) await this.positions.put(NAMING, NAMED_AS);
    let end = position;
    await this.changedSince(position, async (streams, read) => {
      await pMap(streams, (stream) => this.project(stream), { concurrency: SIDE_BY_SIDE });
      await this.positions.put(POSITION, (end = read));
    });
    if (this.opened) return;
    await this.openIndex();
    this.opened = true;
    // later the index goes on by itself: another instance may have read on for what is stored, which this one has not seen
    this.position = end;
  }

  private async openIndex(): Promise<void> {
    for (let after: Key | undefined; ;) {
      const page = await this.entries.list({ limit: BATCH, ...(after && { after }) });
      const portals = new Set(page.map(({ key }) => String(key[0])));
      for (const portal of portals) {
        const entries = page.filter(({ key }) => key[0] === portal);
        await this.show(
          portal,
          entries.map(({ key, value }) => ({ accountId: String(key[1]), ...value })),
        );
      }
      if (page.length < BATCH) return;
      after = page.at(-1)?.key;
    }
  }

  /** From the log alone. */
  async rebuild(): Promise<void> {
    this.index.clear();
    await Promise.all([this.entries.clear(), this.positions.clear(), this.usernames.clear(), this.ssoSubjects.clear()]);
    await this.catchUp();
  }

  /** What other instances have recorded since. Those who ask at the same time may share it only if it begins after they asked. */
  private async follow(): Promise<void> {
    await this.following;
    this.following ??= this.changedSince(this.position, async (streams, read) => {
      await pMap(streams, (stream) => this.update(refOf(stream)), { concurrency: SIDE_BY_SIDE });
      this.position = read;
    }).finally(() => (this.following = undefined));
    await this.following;
  }

  /** The streams of accounts that changed after that position, a batch at a time. */
  private async changedSince(
    after: number,
    take: (streams: ReadonlySet<string>, read: number) => Promise<void>,
  ): Promise<void> {
    for (;;) {
      const items = await this.engine.log.feed.read(after, BATCH);
      const last = items.at(-1);
      if (!last) return;
      const changed = items.filter(({ commit }) => commit.events.some(({ name }) => shown.has(name)));
      await take(new Set(changed.map(({ commit }) => commit.stream)), last.position);
      after = last.position;
    }
  }

  private async project(stream: string): Promise<void> {
    const account = await this.accounts.find(refOf(stream));
    // deleted since
    if (!account) return this.update(refOf(stream));
    await Promise.all([this.update(account), this.usernames.restore(account), this.ssoSubjects.restore(account)]);
  }

  private async show(portal: string, entries: readonly (Entry & { readonly accountId: string })[]): Promise<void> {
    const persons = await this.keys.open(
      portal,
      entries.map(({ person }) => person),
    );
    for (const [at, { accountId, type, suspendedAt, version }] of entries.entries()) {
      const person = persons[at];
      if (person === null || person === undefined) continue;
      const { username, displayName = null, email = null } = JSON.parse(person) as Person;
      this.index.put(portal, { accountId, username, displayName, email, type, suspendedAt }, version);
    }
  }
}

function refOf(stream: string): AccountRef {
  const { portal, account: accountId = '' } = partsOf(stream);
  return { portal, accountId };
}
