import type { AccountRef } from '#libs/contracts/src/stream.js';
import { Inject, Injectable } from '@nestjs/common';
import type { Engine, Key, Records } from '#libs/engine/src/port.js';
import { allRecords } from '#libs/engine/src/records.js';
import type { Clock } from '#libs/platform/src/clock.js';
import { CLOCK, ENGINE } from '#libs/platform/src/tokens.js';
import type { StoredHash } from './hasher.js';
import type { Work } from './imported/work.js';

/** What a changed password replaces, and the session that changes it; none of both for a new account. */
export interface Replaced {
  /** Null: there was none. */
  readonly previous: string | null;
  /** Null: by a link, which ends all. */
  readonly sessionId: string | null;
}
interface Note {
  readonly at: number;
  readonly replaces: Replaced | null;
}
export interface UnfinishedChange {
  readonly account: AccountRef;
  readonly passwordId: string;
  readonly replaces: Replaced | null;
  /** Its event may still come. */
  readonly underWay: boolean;
}

const PAGE = 500;
const UNFINISHED_AFTER_MS = 60_000;
/** Hardly a change takes as long: one that is not recorded by then was left by a crash. */
const GIVEN_UP_AFTER_MS = 10 * 60_000;

/**
 * Password hashes, beside the log, each under the id that an event names. Order of work: `put` → append the event → `settle`;
 * a note stands as long as this is under way, so that what a crash leaves can be finished.
 */
@Injectable()
export class PasswordStore {
  private readonly hashes: Records<StoredHash>;
  private readonly notes: Records<Note>;

  constructor(
    @Inject(ENGINE) engine: Engine,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    this.hashes = engine.records('passwords');
    this.notes = engine.records('password-changes');
  }

  async put(account: AccountRef, passwordId: string, hash: StoredHash, replaces: Replaced | null): Promise<void> {
    const key = keyOf(account, passwordId);
    await this.notes.put(key, { at: this.clock(), replaces });
    await this.hashes.put(key, hash);
  }

  async find(account: AccountRef, passwordId: string): Promise<StoredHash | undefined> {
    return this.hashes.get(keyOf(account, passwordId));
  }

  /** The same password, hashed otherwise. Without effect where it was changed meanwhile. */
  async renew(account: AccountRef, passwordId: string, before: StoredHash, hash: StoredHash): Promise<void> {
    await this.hashes.replace(keyOf(account, passwordId), before, hash);
  }

  /** What the imported hashes of a portal take to check. */
  async *workIn(portal: string): AsyncGenerator<Work> {
    for await (const { value } of allRecords(this.hashes, { prefix: [portal], page: PAGE })) {
      if (value.inner) yield value.inner.work;
    }
  }

  /** Of the new hash and the one that it was to replace, only that which the log names stays. */
  async settle(account: AccountRef, passwordId: string, replaces: Replaced | null, named?: string): Promise<void> {
    const ids = [passwordId, ...(replaces?.previous ? [replaces.previous] : [])];
    for (const id of ids) if (id !== named) await this.hashes.delete(keyOf(account, id));
    await this.notes.delete(keyOf(account, passwordId));
  }

  /** Every hash of an account that was deleted. */
  async destroyAll({ portal, accountId }: AccountRef): Promise<void> {
    for (const records of [this.hashes, this.notes]) {
      for (const { key } of await records.list({ prefix: [portal, accountId] })) await records.delete(key);
    }
  }

  async unfinished(): Promise<UnfinishedChange[]> {
    const now = this.clock();
    return (await this.notes.list({}))
      .map(({ key, value }) => ({ key, ...value, age: Math.abs(now - value.at) }))
      .filter(({ age }) => age > UNFINISHED_AFTER_MS)
      .map(({ key: [portal, accountId, passwordId], replaces, age }) => ({
        account: { portal: String(portal), accountId: String(accountId) },
        passwordId: String(passwordId),
        replaces,
        underWay: age <= GIVEN_UP_AFTER_MS,
      }));
  }
}

const keyOf = ({ portal, accountId }: AccountRef, passwordId: string): Key => [portal, accountId, passwordId];
