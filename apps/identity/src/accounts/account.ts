import type { AccountType } from '#libs/contracts/src/primitives.js';
import type { Fold } from '#libs/event-store/src/decision.js';
import { type AccountEvent, accountEvents } from './events.js';

/** What the log says of one account. */
export interface Account {
  /** Null until it is registered. */
  readonly profile: Profile | null;
}

export interface Profile {
  /** As typed at registration, NFKC. */
  readonly username: string;
  readonly displayName: string | null;
  readonly email: string | null;
  readonly type: AccountType;
  /** Names the hash in the password store. */
  readonly passwordId: string;
  readonly sso: SsoIdentity | null;
}

export interface SsoIdentity {
  readonly subject: string;
  /** The identity provider that the subject is of; null: none was configured when it was set. */
  readonly issuer: string | null;
}

/**
 * Whether the account is that person's at that provider: a subject of another provider is another person (OpenID Connect
 * Core 1.0 §2, `sub` is unique within its issuer).
 */
export const isKnownTo = (sso: SsoIdentity | null, { subject, issuer }: { subject: string; issuer: string }): boolean =>
  sso !== null && sso.subject === subject && (sso.issuer === null || sso.issuer === issuer);

export const initialAccount: Account = { profile: null };

export function evolveAccount(state: Account, event: AccountEvent): Account {
  switch (event.type) {
    case 'AccountRegistered': {
      const { username, displayName = null, email = null, type, passwordId } = event.data;
      return { profile: { username, displayName, email, type, passwordId, sso: null } };
    }
    case 'AccountChanged':
      return state.profile ? { profile: changed(state.profile, event.data) } : state;
    case 'PasswordChanged':
      return state.profile ? { profile: { ...state.profile, passwordId: event.data.passwordId } } : state;
    case 'LoginSucceeded':
    case 'LoginFailed':
    case 'ReAuthenticated':
    case 'LoginTokenIssued':
    case 'LoggedOut':
      return state;
    default:
      return event satisfies never;
  }
}

function changed(
  profile: Profile,
  { type, displayName, email, ssoSubject, ssoIssuer }: Extract<AccountEvent, { type: 'AccountChanged' }>['data'],
): Profile {
  const subject = ssoSubject ? ssoSubject.to : (profile.sso?.subject ?? null);
  const issuer = ssoIssuer ? ssoIssuer.to : (profile.sso?.issuer ?? null);
  return {
    ...profile,
    type: type?.to ?? profile.type,
    displayName: displayName ? displayName.to : profile.displayName,
    email: email ? email.to : profile.email,
    sso: subject === null ? null : { subject, issuer },
  };
}

export const accountFold: Fold<Account, AccountEvent> = {
  app: 'identity',
  contracts: accountEvents,
  initial: initialAccount,
  evolve: evolveAccount,
  snapshotVersion: 2,
};
