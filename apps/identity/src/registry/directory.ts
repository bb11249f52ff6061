import { allRecords, updateRecord } from '#libs/engine/src/records.js';
import { Inject, Injectable } from '@nestjs/common';
import pMap from 'p-map';
import type { AccountType } from '#libs/contracts/src/primitives.js';
import { type AccountRef, partsOf } from '#libs/contracts/src/stream.js';
import { foldUsername } from '#libs/contracts/src/text/fold.js';
import type { Engine, Key, Records } from '#libs/engine/src/port.js';
import { ENGINE } from '#libs/platform/src/tokens.js';
import { Accounts } from './accounts.js';
import { SsoSubjects } from './sso-subjects.js';
import { nameOf, Usernames } from './usernames.js';

export interface DirectoryEntry {
  readonly accountId: string;
  readonly username: string;
  readonly displayName: string | null;
  readonly email: string | null;
  readonly type: AccountType;
}
interface Entry extends DirectoryEntry {
  /** Of the account's stream; an older one changes nothing. */
  readonly version: number;
}

const POSITION: Key = ['position'];
const NAMING: Key = ['naming'];
/** Raised when names are compared in another way: what stands under a name is then made anew. */
const NAMED_AS = 2;
const BATCH = 500;
/** Accounts that are put back side by side: each takes some round trips to a database. */
const SIDE_BY_SIDE = 64;
/** Names of the events that change what stands here. */
const shown: ReadonlySet<string> = new Set(['AccountRegistered', 'AccountChanged']);

/**
 * The accounts of a portal by name: a projection. Written right after each change, so that the next request finds it; what a
 * crash left out is read from the log at the next start.
 */
@Injectable()
export class Directory {
  private readonly entries: Records<Entry>;
  private readonly positions: Records<number>;

  constructor(
    @Inject(ENGINE) private readonly engine: Pick<Engine, 'log' | 'records'>,
    private readonly accounts: Accounts,
    private readonly usernames: Usernames,
    private readonly ssoSubjects: SsoSubjects,
  ) {
    this.entries = engine.records('directory');
    this.positions = engine.records('directory-position');
  }

  async update(ref: AccountRef): Promise<void> {
    const { state, version } = await this.accounts.load(ref);
    if (!state.profile) return;
    const { username, displayName, email, type } = state.profile;
    const key = [ref.portal, nameOf(username), ref.accountId];
    const entry: Entry = { accountId: ref.accountId, username, displayName, email, type, version };
    await updateRecord(this.entries, key, (present) => (present && present.version >= version ? undefined : entry));
  }

  /**
   * By name, after that account, at most `limit`; `query` is a part of username, display name or email, in any case.
   * `more`: whether another page follows. Null: no such account to go on from.
   */
  async list(
    portal: string,
    { query = '', after, limit }: { query?: string; after?: string; limit: number },
  ): Promise<{ entries: DirectoryEntry[]; more: boolean } | null> {
    let afterKey: Key | undefined;
    if (after !== undefined) {
      const last = await this.accounts.find({ portal, accountId: after });
      if (!last) return null;
      afterKey = [portal, nameOf(last.profile.username), after];
    }
    const wanted = foldUsername(query);
    const entries: DirectoryEntry[] = [];
    const range = { page: BATCH, prefix: [portal], ...(afterKey && { after: afterKey }) };
    for await (const { value } of allRecords(this.entries, range)) {
      if (!matches(value, wanted)) continue;
      if (entries.length === limit) return { entries, more: true };
      entries.push(value);
    }
    return { entries, more: false };
  }

  /** Reads what was appended since the last time, and puts names and subjects back where they are missing. */
  async catchUp(): Promise<void> {
    const namedAs = await this.positions.get(NAMING);
    let position = (await this.positions.get(POSITION)) ?? 0;
    if (namedAs !== NAMED_AS && position > 0) return this.rebuild();
    if (namedAs !== NAMED_AS) await this.positions.put(NAMING, NAMED_AS);
    for (;;) {
      const items = await this.engine.log.feed.read(position, BATCH);
      const last = items.at(-1);
      if (!last) return;
      const streams = new Set(
        items
          .filter(({ commit }) => commit.events.some(({ name }) => shown.has(name)))
          .map(({ commit }) => commit.stream),
      );
      await pMap(streams, (stream) => this.project(stream), { concurrency: SIDE_BY_SIDE });
      position = last.position;
      await this.positions.put(POSITION, position);
    }
  }

  /** From the log alone. */
  async rebuild(): Promise<void> {
    await Promise.all([this.entries.clear(), this.positions.clear(), this.usernames.clear(), this.ssoSubjects.clear()]);
    await this.catchUp();
  }

  private async project(stream: string): Promise<void> {
    const { portal, account: accountId = '' } = partsOf(stream);
    const account = await this.accounts.get({ portal, accountId });
    await Promise.all([this.update(account), this.usernames.restore(account), this.ssoSubjects.restore(account)]);
  }
}

const matches = ({ username, displayName, email }: DirectoryEntry, wanted: string): boolean =>
  wanted === '' || [username, displayName, email].some((text) => text !== null && foldUsername(text).includes(wanted));
