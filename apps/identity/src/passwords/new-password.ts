import type { AccountRef } from '#libs/contracts/src/stream.js';
import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Problem } from '#libs/contracts/src/problems.js';
import { Accounts } from '../registry/accounts.js';
import { SessionStore } from '../sessions/session-store.js';
import { PasswordHasher } from './hasher.js';
import type { ImportedHash } from './imported/parse-hash.js';
import { PasswordStore, type Replaced } from './password-store.js';

/** Gives an account its first or its next password: the hash is stored before the event that names it, the old one destroyed after. */
@Injectable()
export class NewPassword {
  constructor(
    private readonly hasher: PasswordHasher,
    private readonly passwords: PasswordStore,
    private readonly accounts: Accounts,
    private readonly sessions: SessionStore,
  ) {}

  /** `record` appends the event; when it is refused the new hash goes. An imported hash stands for a password that nobody knows here. */
  async set<T>(
    account: AccountRef,
    password: string | ImportedHash,
    replaces: Replaced | null,
    record: (passwordId: string) => Promise<T>,
  ): Promise<T> {
    const passwordId = randomUUID();
    const { portal } = account;
    const hash =
      typeof password === 'string'
        ? await this.hasher.hash(password, portal)
        : await this.hasher.wrap(password, portal);
    await this.passwords.put(account, passwordId, hash, replaces);
    let recorded: T;
    try {
      recorded = await record(passwordId);
    } catch (error) {
      // of an outage nobody knows yet whether it is recorded: the note stays
      if (error instanceof Problem && error.status < 500) await this.finish(account, passwordId, replaces);
      throw error;
    }
    // a process that stood still for long may find it taken for left by a crash
    if ((await this.passwords.find(account, passwordId)) === undefined) {
      await this.passwords.put(account, passwordId, hash, replaces);
    }
    await this.finish(account, passwordId, replaces);
    return recorded;
  }

  /** What a crash or an outage has left half done. */
  async finishAll(): Promise<void> {
    for (const { account, passwordId, replaces, underWay } of await this.passwords.unfinished()) {
      if (underWay && (await this.named(account)) !== passwordId) continue;
      await this.finish(account, passwordId, replaces);
    }
  }

  private async finish(account: AccountRef, passwordId: string, replaces: Replaced | null): Promise<void> {
    const named = await this.named(account);
    if (replaces && named === passwordId) {
      await this.sessions.endAll(account, replaces.sessionId === null ? {} : { except: replaces.sessionId });
    }
    const unnamed = named === passwordId ? undefined : await this.passwords.find(account, passwordId);
    await this.passwords.settle(account, passwordId, replaces, named);
    // recorded after all, while it was taken for left by a crash
    if (unnamed !== undefined && (await this.named(account)) === passwordId) {
      await this.passwords.put(account, passwordId, unnamed, replaces);
      await this.finish(account, passwordId, replaces);
    }
  }

  private async named(account: AccountRef): Promise<string | undefined> {
    return (await this.accounts.state(account)).profile?.passwordId ?? undefined;
  }
}
