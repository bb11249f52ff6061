import type { AccountType } from '#libs/contracts/src/primitives.js';
import type { Refusal } from '#libs/contracts/src/problems.js';
import type { Decision } from '#libs/event-store/src/decision.js';
import type { Account, Profile, SsoIdentity } from './account.js';
import type { AccountEvent } from './events.js';

type DataOf<Type extends AccountEvent['type']> = Extract<AccountEvent, { type: Type }>['data'];

/** What of an account can be changed; what is absent stays. */
export interface ProfileChanges {
  readonly type?: AccountType;
  readonly displayName?: string | null;
  readonly email?: string | null;
  readonly sso?: SsoIdentity | null;
}

/** Everything that can be asked of one account. Ids and hashes are made by the caller. */
export type AccountCommand =
  | { readonly type: 'Register'; readonly account: DataOf<'AccountRegistered'> }
  | { readonly type: 'Change'; readonly changes: ProfileChanges }
  | {
      readonly type: 'ChangePassword';
      /** The password that was checked; another change may have come between. */
      readonly checked: string;
      readonly passwordId: string;
      readonly sessionId: string;
    }
  | { readonly type: 'RecordLogin'; readonly login: DataOf<'LoginSucceeded'> }
  | { readonly type: 'RecordFailedLogin'; readonly reason: DataOf<'LoginFailed'>['reason'] }
  | { readonly type: 'RecordReAuthentication'; readonly sessionId: string; readonly secondFactor: boolean }
  | { readonly type: 'RecordLoginToken'; readonly loginTokenId: string }
  | { readonly type: 'RecordLogout'; readonly sessionId: string };

export type AccountRefusal = Refusal<'username-taken' | 'not-found' | 'invalid-credentials'>;
export type AccountAnswer = { readonly changed: boolean } | AccountRefusal;
export type AccountDecision = Decision<AccountEvent, AccountAnswer>;

export function decideAccount(command: AccountCommand, { profile }: Account): AccountDecision {
  if (command.type === 'Register') {
    return profile ? refuse('username-taken') : accept({ type: 'AccountRegistered', data: command.account });
  }
  if (!profile) return { events: [], answer: noSuchAccount };

  switch (command.type) {
    case 'Change': {
      const data = differences(profile, command.changes);
      return Object.keys(data).length > 0
        ? accept({ type: 'AccountChanged', data })
        : { events: [], answer: { changed: false } };
    }
    case 'ChangePassword': {
      const { checked, passwordId, sessionId } = command;
      return profile.passwordId === checked
        ? accept({ type: 'PasswordChanged', data: { passwordId, sessionId } })
        : { events: [], answer: wrongCredentials };
    }
    case 'RecordLogin':
      return accept({ type: 'LoginSucceeded', data: command.login });
    case 'RecordFailedLogin':
      return accept({ type: 'LoginFailed', data: { reason: command.reason } });
    case 'RecordReAuthentication': {
      const { sessionId, secondFactor } = command;
      return accept({ type: 'ReAuthenticated', data: { sessionId, secondFactor } });
    }
    case 'RecordLoginToken':
      return accept({ type: 'LoginTokenIssued', data: { loginTokenId: command.loginTokenId } });
    case 'RecordLogout':
      return accept({ type: 'LoggedOut', data: { sessionId: command.sessionId } });
    default:
      return command satisfies never;
  }
}

function differences(profile: Profile, { type, displayName, email, sso }: ProfileChanges): DataOf<'AccountChanged'> {
  const { subject = null, issuer = null } = profile.sso ?? {};
  return {
    ...difference('type', profile.type, type),
    ...difference('displayName', profile.displayName, displayName),
    ...difference('email', profile.email, email),
    ...difference('ssoSubject', subject, sso === undefined ? undefined : (sso?.subject ?? null)),
    ...difference('ssoIssuer', issuer, sso === undefined ? undefined : (sso?.issuer ?? null)),
  };
}

const difference = <Name extends string, Value>(name: Name, from: Value, to: Value | undefined) =>
  (to === undefined || to === from ? {} : { [name]: { from, to } }) as Partial<
    Record<Name, { from: Value; to: Value }>
  >;

const accept = (event: AccountEvent): AccountDecision => ({ events: [event], answer: { changed: true } });
/** The same for a wrong name and a wrong password (R15), and when another was first to change it. */
export const wrongCredentials: AccountRefusal = {
  refused: 'invalid-credentials',
  detail: 'The username or password is incorrect.',
};
export const noSuchAccount: AccountRefusal = {
  refused: 'not-found',
  detail: 'There is no such account in the portal.',
};
const refuse = (refused: AccountRefusal['refused']): AccountDecision => ({ events: [], answer: { refused } });
