import { Injectable } from '@nestjs/common';
import type { AccountType } from '#libs/contracts/src/primitives.js';
import type { Origin } from '#libs/event-store/src/decision.js';
import type { StreamPoint } from '#libs/messaging/src/adopting/adoptions.js';
import { NewPassword } from '../passwords/new-password.js';
import { type AccountRef, Accounts } from '../registry/accounts.js';
import { Directory } from '../registry/directory.js';

export interface AccountToMake {
  readonly username: string;
  readonly password: string;
  readonly displayName?: string | undefined;
  readonly email?: string | undefined;
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

  /** Answers with the point that other apps must have reached (R28). @throws Problem `username-taken` another was first */
  async make(
    ref: AccountRef,
    { password, displayName, email, ...rest }: AccountToMake,
    origin: Origin,
  ): Promise<StreamPoint> {
    const profile = {
      ...rest,
      ...(displayName !== undefined && { displayName }),
      ...(email !== undefined && { email }),
    };
    const registered = await this.newPassword.set(ref, password, null, (passwordId) =>
      this.accounts.execute(ref, origin, { type: 'Register', account: { ...profile, passwordId } }),
    );
    await this.directory.update(ref);
    return registered;
  }
}
