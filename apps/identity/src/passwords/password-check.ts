import type { AccountRef } from '#libs/contracts/src/stream.js';
import { wrongCredentials } from '../accounts/decide-account.js';
import { actingAs, type Context } from '#libs/contracts/src/context.js';
import { Inject, Injectable } from '@nestjs/common';
import { accepted, Problem } from '#libs/contracts/src/problems.js';
import type { Engine, Records } from '#libs/engine/src/port.js';
import { ENGINE } from '#libs/platform/src/tokens.js';
import { Accounts, type KnownAccount } from '../registry/accounts.js';
import { Portals } from '../registry/portals.js';
import { NO_ACCOUNT } from '../registry/claims.js';
import { nameOf, Usernames } from '../registry/usernames.js';
import { SessionStore } from '../sessions/session-store.js';
import { PasswordThrottle } from '../throttle/password-throttle.js';
import { sourceOf } from '#libs/platform/src/throttle/source.js';
import { PasswordHasher, type StoredHash } from './hasher.js';
import { PasswordKinds } from './imported/password-kinds.js';
import { PasswordStore } from './password-store.js';

export interface TypedPassword {
  readonly address: string;
  readonly portal: string;
  readonly username: string;
  readonly password: string;
}
type FailureReason = 'wrong-password' | 'wrong-password-at-re-authentication' | 'wrong-password-at-change';

/** The account whose password was right, and the epoch of its sessions before it was looked at. */
export interface PasswordProved {
  readonly account: KnownAccount;
  readonly epoch: number;
}

interface Found {
  readonly passwordId: string;
  readonly hash: StoredHash;
}

/** The one place where a password is looked at; every call that takes one comes here. */
@Injectable()
export class PasswordCheck {
  private readonly unrecorded: Records<string>;

  constructor(
    private readonly throttle: PasswordThrottle,
    private readonly usernames: Usernames,
    private readonly accounts: Accounts,
    private readonly portals: Portals,
    private readonly sessions: SessionStore,
    private readonly hasher: PasswordHasher,
    private readonly passwords: PasswordStore,
    private readonly kinds: PasswordKinds,
    @Inject(ENGINE) engine: Engine,
  ) {
    this.unrecorded = engine.records('unrecorded-logins');
  }

  /**
   * A wrong name and a wrong password take the same way: the same reads, one hash, one durable append, one answer (R15).
   * @throws Problem `invalid-credentials` (recorded), `too-many-attempts`; `account-suspended` (R41) to who knows the password
   */
  async check(typed: TypedPassword, reason: FailureReason, context: Context): Promise<PasswordProved> {
    const { address, portal, username } = typed;
    const { right, account, epoch } = await this.throttle.check({ address, portal, name: nameOf(username) }, () =>
      this.look(typed),
    );
    if (right && account) {
      if (account.suspendedAt !== null) throw Problem.answer('account-suspended');
      return { account, epoch };
    }
    // counted before it is recorded, so that a store that is away gives no free guesses
    await this.recordFailure(portal, account, reason, context);
    return accepted<PasswordProved>(wrongCredentials);
  }

  private async look({ address, portal, username, password }: TypedPassword) {
    const account = await this.usernames.find(portal, username);
    const ref: AccountRef = account ?? { portal, accountId: NO_ACCOUNT };
    const epoch = await this.sessions.epoch(ref);
    const [kinds, found] = await Promise.all([this.kinds.of(portal), this.hashOf(ref, account)]);
    const source = sourceOf(address);
    const right = await this.hasher.verify(found?.hash ?? null, password, source, kinds);
    if (right && found?.hash.inner) await this.renew(ref, found, password, source);
    return { right, account, epoch };
  }

  private async hashOf(ref: AccountRef, account: KnownAccount | null): Promise<Found | null> {
    const passwordId = account?.profile.passwordId ?? null;
    const hash = await this.passwords.find(ref, passwordId ?? NO_ACCOUNT);
    if (hash !== undefined && passwordId !== null) return { passwordId, hash };
    if (passwordId === null) return null;
    // the password was changed a moment ago, and the old hash is gone already; else it is damage
    const present = (await this.accounts.get(ref)).profile.passwordId;
    const found = await this.passwords.find(ref, present ?? NO_ACCOUNT);
    if (found === undefined || present === null) throw new Error(`the hash of password ${present} is missing`);
    return { passwordId: present, hash: found };
  }

  /** An imported hash has done its duty once its password is known (R36). It is the same password, so nothing else changes. */
  private async renew(ref: AccountRef, { passwordId, hash }: Found, password: string, source: string): Promise<void> {
    try {
      await this.passwords.renew(ref, passwordId, hash, await this.hasher.hash(password, source));
    } catch (error) {
      // too much to do now: at the next login
      if (!(error instanceof Problem) || error.code !== 'unavailable') throw error;
    }
  }

  private async recordFailure(
    portal: string,
    account: KnownAccount | null,
    reason: FailureReason,
    context: Context,
  ): Promise<void> {
    // whoever typed it, nobody was proved
    const by = actingAs(context, { kind: 'anonymous' });
    const { created } = await this.portals.state(portal);
    if (account) await this.accounts.execute(account, by, { type: 'RecordFailedLogin', reason });
    else if (created) await this.portals.execute(portal, by, { type: 'RecordUnknownLogin' });
    // no portal, no stream to record it in: a durable write all the same, so that it takes as long
    else await this.unrecorded.put(['last'], context.correlationId);
  }
}
