import type { Recorded } from '#libs/event-store/src/decision.js';
import type { AccountRef } from '#libs/contracts/src/stream.js';
import { type Context } from '#libs/contracts/src/context.js';
import { Injectable } from '@nestjs/common';
import type { AccountType } from '#libs/contracts/src/primitives.js';
import { personOf } from '../accounts/account.js';
import { definedOf } from '../accounts/decide-account.js';
import type { ImportedHash } from '../passwords/imported/parse-hash.js';
import { NewPassword } from '../passwords/new-password.js';
import { Accounts } from '../registry/accounts.js';
import { Directory } from '../directory/directory.js';

export interface AccountToMake {
  readonly username: string;
  /** Undefined: people prove the first factor elsewhere (R32). A hash: it was imported. */
  readonly password?: string | ImportedHash | undefined;
  /** Of the import that has brought its second factor (R36). */
  readonly importId?: string | undefined;
  readonly displayName?: string | undefined;
  readonly email?: string | undefined;
  readonly externalId?: string | undefined;
  readonly type: AccountType;
}

/** Makes an account whose name is reserved for its id. */
@Injectable()
export class NewAccount {
  constructor(
    private readonly newPassword: NewPassword,
    private readonly accounts: Accounts,
    private readonly directory: Directory,
  ) {}

  /**
   * Answers with what other apps must have reached (R28). `prepare` is done last before it is recorded: what it leaves behind
   * where the account is not made after all is seldom left so.
   * @throws Problem `username-taken` another was first; what `prepare` throws
   */
  async make(
    ref: AccountRef,
    { password, type, importId, ...account }: AccountToMake,
    context: Context,
    prepare?: () => Promise<void>,
  ): Promise<Recorded> {
    const person = personOf({ displayName: null, email: null, externalId: null, sso: null, ...definedOf(account) });
    const register = async (passwordId: string | null) => {
      await prepare?.();
      return this.accounts.execute(ref, context, { type: 'Register', account: { type, passwordId, importId }, person });
    };
    const registered =
      password === undefined ? await register(null) : await this.newPassword.set(ref, password, null, register);
    await this.directory.update(ref);
    return registered;
  }
}
