import { type IQueryHandler, QueryHandler } from '@nestjs/cqrs';
import type { AuthenticatorKind } from '#libs/contracts/src/primitives.js';
import type { AccountRef } from '#libs/contracts/src/stream.js';
import { QueryOf } from '#libs/platform/src/cqrs.js';
import { SecondFactors } from '../change/second-factors.js';
import { type Authenticator, authenticatorsOf } from '../second-factor/state.js';
import { AuthenticatorNames } from './names.js';

/** As its owner sees it. */
export interface AuthenticatorShown {
  readonly id: string;
  readonly kind: AuthenticatorKind;
  readonly name: string;
  readonly addedAt: string;
  readonly lastUsedAt?: string;
}

/** Of one that nobody has named: it was set up by a call that takes no name. */
const UNNAMED = 'Authenticator app';

export const shown = ({ id, kind, addedAt, lastUsedAt }: Authenticator, name = UNNAMED): AuthenticatorShown => ({
  id,
  kind,
  name,
  addedAt: new Date(addedAt).toISOString(),
  ...(lastUsedAt !== null && { lastUsedAt: new Date(lastUsedAt).toISOString() }),
});

/** The authenticators of an account, also while they ask for nothing (R09). */
export class ListAuthenticators extends QueryOf<AccountRef, AuthenticatorShown[]> {}

@QueryHandler(ListAuthenticators)
export class ListAuthenticatorsHandler implements IQueryHandler<ListAuthenticators> {
  constructor(
    private readonly secondFactors: SecondFactors,
    private readonly names: AuthenticatorNames,
  ) {}

  async execute({ input: account }: ListAuthenticators): Promise<AuthenticatorShown[]> {
    const authenticators = authenticatorsOf(await this.secondFactors.state(account));
    const names = await this.names.open(
      account.portal,
      authenticators.map(({ name }) => name),
    );
    return authenticators.map((authenticator, index) => shown(authenticator, names[index]));
  }
}
