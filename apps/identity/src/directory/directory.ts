import { updateRecord } from '#libs/engine/src/records.js';
import { Inject, Injectable } from '@nestjs/common';
import { setImmediate } from 'node:timers/promises';
import pMap from 'p-map';
import type { Person } from '#libs/contracts/src/events/identity.js';
import type { TwoFactorSummary } from '#libs/contracts/src/http/identity.js';
import type { AccountType } from '#libs/contracts/src/primitives.js';
import type { AccountRef } from '#libs/contracts/src/stream.js';
import type { Engine, Key, Records } from '#libs/engine/src/port.js';
import type { SealedPerson } from '#libs/event-store/src/decision.js';
import { ENGINE } from '#libs/platform/src/tokens.js';
import { type OpenOptions, PersonalKeys } from '#libs/vault/src/personal/personal-keys.js';
import { Accounts } from '../registry/accounts.js';
import { ExternalIds } from '../registry/external-ids.js';
import { SsoSubjects } from '../registry/sso-subjects.js';
import { Usernames } from '../registry/usernames.js';
import { appendedAfter } from './appended.js';
import { cursorOf, type Place, placeOf } from './cursors.js';
import { DirectoryIndex, type PageQuery } from './directory-index.js';
import { type LastLogin, LastLogins } from './last-logins.js';
import { type KnownSecondFactor, type SecondFactorChange, SecondFactors } from './second-factors.js';

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
  readonly lastLoginAt: number | null;
}

export interface AskedPage extends PageQuery {
  readonly sort?: Place['sort'] | undefined;
  /** `next` of the page before. */
  readonly after?: string | undefined;
}
export interface Page {
  readonly entries: readonly DirectoryEntry[];
  readonly next: string | null;
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
/** Names that are opened between two turns of the event loop. */
const OPENED_AT_ONCE = 200;
/** Accounts that are put back side by side: each takes some round trips to a database. */
const SIDE_BY_SIDE = 64;
/**
 * The accounts of a portal by name: a projection. What is kept is sealed, and opened for who is shown; its index is in memory,
 * made after the start. Written right after each change, so that the next request finds it; what a crash left out is read from
 * the log at the next start.
 */
@Injectable()
export class Directory {
  private readonly entries: Records<Entry>;
  private readonly positions: Records<number>;
  private readonly lastLogins: LastLogins;
  private readonly secondFactors: SecondFactors;
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
    this.lastLogins = new LastLogins(engine);
    this.secondFactors = new SecondFactors(engine);
  }

  /** After a change of the account. */
  async update(ref: AccountRef): Promise<void> {
    const { state, version } = await this.accounts.load(ref);
    if (state.deleted || !state.profile) return this.forget(ref);
    const { suspendedAt } = state;
    const { person, type, passwordId } = state.profile;
    const entry: Entry = { person, type, hasPassword: passwordId !== null, suspendedAt, version };
    const key = keyOf(ref);
    const isOlder = (present?: Entry) => present === undefined || present.version < version;
    const written = await updateRecord(this.entries, key, (present) => (isOlder(present) ? entry : undefined));
    const stored = { accountId: ref.accountId, entry: written ?? (await this.entries.get(key)) };
    for (const isNew of await this.show(ref.portal, [stored])) await this.showOthersOf(isNew);
    // deleted at this moment: what was written after it goes too
    if ((await this.accounts.state(ref)).deleted) await this.forget(ref);
  }

  /**
   * After a login. What stands in memory alone is read from the log, once a minute and at the next start; where others append
   * to it too, before each list, so that a login need not look.
   */
  async loggedIn(ref: AccountRef): Promise<void> {
    if (this.engine.log.shared) return;
    const { lastLoginAt } = await this.accounts.state(ref);
    if (lastLoginAt !== null) this.index.loggedIn(ref.portal, ref.accountId, lastLoginAt);
  }

  /** By an event of two-factor; `version`: its own, in its stream. */
  async adopt(ref: AccountRef, version: number, change: SecondFactorChange): Promise<void> {
    const secondFactor = await this.secondFactors.adopt(ref, version, change);
    if (secondFactor) this.showSecondFactor({ ...ref, secondFactor });
  }

  /** Of an account that was deleted: an event of before may have come again since. */
  async forgetSecondFactor(ref: AccountRef): Promise<void> {
    await this.secondFactors.delete(ref);
  }

  private async forget(ref: AccountRef): Promise<void> {
    await this.entries.delete(keyOf(ref));
    await this.secondFactors.delete(ref);
    await this.lastLogins.delete(ref);
    const leave = () => this.index.delete(ref.portal, ref.accountId);
    leave();
    // an index that is being made may have read it before
    void this.opened?.then(leave, leave);
  }

  /**
   * Of all that any instance has recorded.
   * @throws Problem `malformed-request` `after` is no cursor of this list
   */
  async list(portal: string, { sort = 'username', after, ...page }: AskedPage): Promise<Page> {
    await this.upToDate(portal);
    const from = after === undefined ? { sort } : await placeOf(this.keys, portal, sort, after);
    for (;;) {
      const { accountIds, next } = this.index.list(portal, page, from);
      const entries = await this.find(portal, accountIds);
      const missing = accountIds.filter((_, at) => entries[at] === null);
      if (missing.length === 0) {
        return {
          entries: entries.filter((each) => each !== null),
          next: next && (await cursorOf(this.keys, portal, next)),
        };
      }
      // deleted at this moment, so that others move up
      await pMap(missing, (accountId) => this.update({ portal, accountId }), { concurrency: SIDE_BY_SIDE });
    }
  }

  /** Of the portal's Contributors; `dueAt`: the time where 2FA is required, else null. */
  async summary(portal: string, dueAt: number | null): Promise<TwoFactorSummary> {
    await this.upToDate(portal);
    return this.index.summary(portal, dueAt);
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
      const lastLoginAt = this.index.lastLoginAt(portal, accountId);
      return { accountId, username, displayName, email, externalId, hasPassword, type, suspendedAt, lastLoginAt };
    });
  }

  /** Reads what was appended since the last time, and puts back what a crash left out. */
  async catchUp(): Promise<void> {
    const namedAs = await this.positions.get(NAMING);
    const position = (await this.positions.get(POSITION)) ?? 0;
    if (namedAs !== NAMED_AS && position > 0) return this.rebuild();
    if (namedAs !== NAMED_AS) await this.positions.put(NAMING, NAMED_AS);
    for await (const { changed, logins, read } of appendedAfter(this.engine.log.feed, position)) {
      // first: a deletion among the changes takes them along
      await this.lastLogins.keep(logins);
      await pMap(changed, (ref) => this.project(ref), { concurrency: SIDE_BY_SIDE });
      this.showLogins(logins);
      await this.positions.put(POSITION, read);
    }
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
    // before they are read: what is stored is at least as new
    await this.known();
    await this.secondFactors.startToFollow();
    for (let after: Key | undefined; ;) {
      const page = await this.entries.list({ limit: OPENED_AT_ONCE, ...(after && { after }) });
      for (const portal of new Set(page.map(({ key }) => String(key[0])))) {
        const ofPortal = page.filter(({ key }) => key[0] === portal);
        const stored = ofPortal.map(({ key, value }) => ({ accountId: String(key[1]), entry: value }));
        await this.show(portal, stored, { remember: false });
      }
      if (page.length < OPENED_AT_ONCE) break;
      after = page.at(-1)?.key;
      await setImmediate();
    }
    await this.secondFactors.each(this.showSecondFactor);
    await this.lastLogins.each(this.showLogin);
  }

  /** From the log alone; two-factor's events are adopted again when the app starts. */
  async rebuild(): Promise<void> {
    const { entries, positions, usernames, externalIds, ssoSubjects, lastLogins } = this;
    await Promise.all(
      [entries, positions, usernames, externalIds, ssoSubjects, lastLogins].map((each) => each.clear()),
    );
    await this.catchUp();
    this.index.clear();
    this.opened = this.position = undefined;
  }

  private async upToDate(portal: string): Promise<void> {
    await this.openIndex();
    if (!this.engine.log.shared) return;
    await this.follow();
    await this.secondFactors.follow(portal, this.showSecondFactor);
  }

  /** What other instances have recorded since. Those who ask at the same time may share it only if it begins after they asked. */
  private async follow(): Promise<void> {
    await this.following;
    this.following ??= this.readOn().finally(() => (this.following = undefined));
    await this.following;
  }

  private async readOn(): Promise<void> {
    for await (const { changed, logins, read } of appendedAfter(this.engine.log.feed, await this.known())) {
      await pMap(changed, (ref) => this.update(ref), { concurrency: SIDE_BY_SIDE });
      this.showLogins(logins);
      this.position = read;
    }
  }

  private async known(): Promise<number> {
    return (this.position ??= (await this.positions.get(POSITION)) ?? 0);
  }

  private async project(ref: AccountRef): Promise<void> {
    const account = await this.accounts.find(ref);
    // deleted since
    if (!account) return this.update(ref);
    const { usernames, externalIds, ssoSubjects } = this;
    await Promise.all([
      this.update(account),
      ...[usernames, externalIds, ssoSubjects].map((each) => each.restore(account)),
    ]);
  }

  /** Answers with those that the index did not have. */
  private async show(
    portal: string,
    stored: readonly { readonly accountId: string; readonly entry: Entry | undefined }[],
    options?: OpenOptions,
  ): Promise<AccountRef[]> {
    const persons = await this.open(
      portal,
      stored.map(({ entry }) => entry),
      options,
    );
    return stored.flatMap(({ accountId, entry }, at) => {
      const person = persons[at];
      if (entry && person) {
        const { type, suspendedAt, version } = entry;
        const suspended = suspendedAt !== null;
        return this.index.put(portal, accountId, { person, type, suspended, version }) ? [{ portal, accountId }] : [];
      }
      this.index.delete(portal, accountId);
      return [];
    });
  }

  /** What was adopted before the index had the account. */
  private async showOthersOf(ref: AccountRef): Promise<void> {
    const secondFactor = await this.secondFactors.get(ref);
    if (secondFactor) this.showSecondFactor({ ...ref, secondFactor });
  }

  private readonly showSecondFactor = ({ portal, accountId, secondFactor }: KnownSecondFactor): void =>
    this.index.secondFactor(portal, accountId, secondFactor);

  private readonly showLogin = ({ portal, accountId, at }: LastLogin): void =>
    this.index.loggedIn(portal, accountId, at);

  private showLogins(logins: readonly LastLogin[]): void {
    for (const login of logins) this.showLogin(login);
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

const keyOf = ({ portal, accountId }: AccountRef): Key => [portal, accountId];
