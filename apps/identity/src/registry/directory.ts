import { updateRecord } from '#libs/engine/src/records.js';
import { Inject, Injectable } from '@nestjs/common';
import { setImmediate } from 'node:timers/promises';
import pMap from 'p-map';
import type { Person } from '#libs/contracts/src/events/identity.js';
import type { AccountType } from '#libs/contracts/src/primitives.js';
import { type AccountRef, partsOf } from '#libs/contracts/src/stream.js';
import type { Engine, Key, Records } from '#libs/engine/src/port.js';
import type { SealedPerson } from '#libs/event-store/src/decision.js';
import { ENGINE } from '#libs/platform/src/tokens.js';
import { type OpenOptions, PersonalKeys } from '#libs/vault/src/personal/personal-keys.js';
import { Accounts } from './accounts.js';
import { ExternalIds } from './external-ids.js';
import { SsoSubjects } from './sso-subjects.js';
import { DirectoryIndex, type Page, type PageQuery } from './directory-index.js';
import { Usernames } from './usernames.js';

export interface DirectoryEntry {
  readonly accountId: string;
  readonly username: string;
  readonly displayName: string | null;
  readonly email: string | null;
  readonly externalId: string | null;
  readonly hasPassword: boolean;
  readonly type: AccountType;
  /** Milliseconds. */
  readonly suspendedAt: number | null;
}

/** A record of the projection: who it is, sealed as in the event that said it. */
interface Entry {
  readonly person: SealedPerson;
  readonly type: AccountType;
  /** Missing where it was written when every account had one. */
  readonly hasPassword?: boolean;
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
/** Names that are opened between two turns of the event loop. */
const OPENED_AT_ONCE = 200;
/** Accounts that are put back side by side: each takes some round trips to a database. */
const SIDE_BY_SIDE = 64;
/** Names of the events that change what stands here. */
const shown: ReadonlySet<string> = new Set([
  'AccountRegistered',
  'AccountChanged',
  'PasswordChanged',
  'AccountSuspended',
  'AccountResumed',
  'AccountDeleted',
]);

/**
 * The accounts of a portal by name: a projection. What is kept is sealed, and opened for who is shown; its index is in memory,
 * made after the start. Written right after each change, so that the next request finds it; what a crash left out is read from
 * the log at the next start.
 */
@Injectable()
export class Directory {
  private readonly entries: Records<Entry>;
  private readonly positions: Records<number>;
  private readonly index = new DirectoryIndex();
  /** Undefined: nobody has asked for the index yet, or it could not be made. */
  private opened: Promise<void> | undefined;
  /** Up to there both are as the log has it. */
  private position: number | undefined;
  private following: Promise<void> | undefined;

  constructor(
    @Inject(ENGINE) private readonly engine: Pick<Engine, 'log' | 'records'>,
    private readonly accounts: Accounts,
    private readonly usernames: Usernames,
    private readonly externalIds: ExternalIds,
    private readonly ssoSubjects: SsoSubjects,
    private readonly keys: PersonalKeys,
  ) {
    this.entries = engine.records('directory');
    this.positions = engine.records('directory-position');
  }

  /** After a change of the account. */
  async update(ref: AccountRef): Promise<void> {
    const { state, version } = await this.accounts.load(ref);
    if (state.deleted || !state.profile) return this.forget(ref);
    const { suspendedAt } = state;
    const { person, type, passwordId } = state.profile;
    const entry: Entry = { person, type, hasPassword: passwordId !== null, suspendedAt, version };
    const key = [ref.portal, ref.accountId];
    await updateRecord(this.entries, key, (present) => (present && present.version >= version ? undefined : entry));
    await this.show(ref.portal, [{ accountId: ref.accountId, entry: await this.entries.get(key) }]);
    // deleted at this moment: what was written after it goes too
    if ((await this.accounts.state(ref)).deleted) await this.forget(ref);
  }

  private async forget({ portal, accountId }: AccountRef): Promise<void> {
    await this.entries.delete([portal, accountId]);
    const leave = () => this.index.delete(portal, accountId);
    leave();
    // an index that is being made may have read it before
    void this.opened?.then(leave, leave);
  }

  /** As `DirectoryIndex.list`, of all that any instance has recorded. */
  async list(portal: string, page: PageQuery): Promise<Page<DirectoryEntry> | null> {
    await this.openIndex();
    if (this.engine.log.shared) await this.follow();
    for (;;) {
      const found = this.index.list(portal, page);
      if (!found) return null;
      const entries = await this.find(portal, found.entries);
      if (entries.every((entry) => entry !== null)) return { entries, more: found.more };
      // deleted at this moment, so that others move up
      const missing = found.entries.filter((_, at) => entries[at] === null);
      await pMap(missing, (accountId) => this.update({ portal, accountId }), { concurrency: SIDE_BY_SIDE });
    }
  }

  /** The present usernames, in order; null: the portal has no such account, or none any more. */
  async usernamesOf(portal: string, accountIds: readonly string[]): Promise<(string | null)[]> {
    if (this.engine.log.shared) await this.follow();
    const entries = await this.find(portal, accountIds);
    return entries.map((entry) => entry?.username ?? null);
  }

  /** In this order; null: there is none, or none any more. */
  private async find(portal: string, accountIds: readonly string[]): Promise<(DirectoryEntry | null)[]> {
    const stored = await Promise.all(accountIds.map((accountId) => this.entries.get([portal, accountId])));
    const persons = await this.open(portal, stored);
    return accountIds.map((accountId, at) => {
      const [entry, person] = [stored[at], persons[at]];
      if (!entry || !person) return null;
      const { username, displayName = null, email = null, externalId = null } = person;
      const { type, hasPassword = true, suspendedAt } = entry;
      return { accountId, username, displayName, email, externalId, hasPassword, type, suspendedAt };
    });
  }

  /** Reads what was appended since the last time, and puts back what a crash left out. */
  async catchUp(): Promise<void> {
    const namedAs = await this.positions.get(NAMING);
    const position = (await this.positions.get(POSITION)) ?? 0;
    if (namedAs !== NAMED_AS && position > 0) return this.rebuild();
    if (namedAs !== NAMED_AS) await this.positions.put(NAMING, NAMED_AS);
    await this.changedSince(position, async (streams, read) => {
      await pMap(streams, (stream) => this.project(stream), { concurrency: SIDE_BY_SIDE });
      await this.positions.put(POSITION, read);
    });
  }

  /** Makes the index, once; whoever lists waits for it. It takes seconds where there are many accounts, and lets others work. */
  async openIndex(): Promise<void> {
    this.opened ??= this.readIndex().catch((error: unknown) => {
      this.opened = undefined;
      throw error;
    });
    await this.opened;
  }

  private async readIndex(): Promise<void> {
    // before it is read: what is stored is at least as new
    await this.known();
    for (let after: Key | undefined; ;) {
      const page = await this.entries.list({ limit: OPENED_AT_ONCE, ...(after && { after }) });
      for (const portal of new Set(page.map(({ key }) => String(key[0])))) {
        const ofPortal = page.filter(({ key }) => key[0] === portal);
        const stored = ofPortal.map(({ key, value }) => ({ accountId: String(key[1]), entry: value }));
        await this.show(portal, stored, { remember: false });
      }
      if (page.length < OPENED_AT_ONCE) return;
      after = page.at(-1)?.key;
      await setImmediate();
    }
  }

  /** From the log alone. */
  async rebuild(): Promise<void> {
    const { entries, positions, usernames, externalIds, ssoSubjects } = this;
    await Promise.all([entries, positions, usernames, externalIds, ssoSubjects].map((each) => each.clear()));
    await this.catchUp();
    this.index.clear();
    this.opened = this.position = undefined;
  }

  /** What other instances have recorded since. Those who ask at the same time may share it only if it begins after they asked. */
  private async follow(): Promise<void> {
    await this.following;
    this.following ??= this.readOn().finally(() => (this.following = undefined));
    await this.following;
  }

  private async readOn(): Promise<void> {
    await this.changedSince(await this.known(), async (streams, read) => {
      await pMap(streams, (stream) => this.update(refOf(stream)), { concurrency: SIDE_BY_SIDE });
      this.position = read;
    });
  }

  private async known(): Promise<number> {
    return (this.position ??= (await this.positions.get(POSITION)) ?? 0);
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
    const { usernames, externalIds, ssoSubjects } = this;
    await Promise.all([
      this.update(account),
      ...[usernames, externalIds, ssoSubjects].map((each) => each.restore(account)),
    ]);
  }

  private async show(
    portal: string,
    stored: readonly { readonly accountId: string; readonly entry: Entry | undefined }[],
    options?: OpenOptions,
  ): Promise<void> {
    const persons = await this.open(
      portal,
      stored.map(({ entry }) => entry),
      options,
    );
    for (const [at, { accountId, entry }] of stored.entries()) {
      const person = persons[at];
      if (entry && person) this.index.put(portal, accountId, entry.version, person);
      else this.index.delete(portal, accountId);
    }
  }

  /** Null: there is none, or its key was destroyed. */
  private async open(
    portal: string,
    entries: readonly (Entry | undefined)[],
    options?: OpenOptions,
  ): Promise<(Person | null)[]> {
    const there = entries.flatMap((entry) => entry?.person ?? []);
    const texts = (await this.keys.open(portal, there, options)).values();
    return entries.map((entry) => {
      const text = entry ? texts.next().value : null;
      return text ? (JSON.parse(text) as Person) : null;
    });
  }
}

function refOf(stream: string): AccountRef {
  const { portal, account: accountId = '' } = partsOf(stream);
  return { portal, accountId };
}
