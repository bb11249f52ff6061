import type { AccountType } from '#libs/contracts/src/primitives.js';
import { type AccountEvent, accountEvents, type Person } from '#libs/contracts/src/events/identity.js';
import type { Fold, Sealed, SealedPerson } from '#libs/event-store/src/decision.js';

/** What the log says of one account. */
export interface Account {
  /** Null until it is registered. */
  readonly profile: SealedProfile | null;
  /** Since when, in milliseconds; null: it is not suspended (R41). */
  readonly suspendedAt: number | null;
  /** Milliseconds; null: never. */
  readonly lastLoginAt: number | null;
  /** Since when it has had the e-mail address that it has, or none, in milliseconds (R43). */
  readonly emailSince: number | null;
  /** The link by which a password may be set; null: none (R43). */
  readonly passwordLink: string | null;
  /** Browsers that are remembered, in the order in which they were (R39). */
  readonly browsers: readonly string[];
  /** For good (R42). What was known of it stays, as far as a crash may have left something to destroy. */
  readonly deleted: boolean;
}

/** What of an account is not personal, and who it is as its last event says, sealed (R42). */
export interface SealedProfile {
  readonly type: AccountType;
  /** Names the hash in the password store; null: the account has no password (R32). */
  readonly passwordId: string | null;
  readonly person: SealedPerson;
}

/** The same with the person opened. */
export interface Profile extends Omit<SealedProfile, 'person'> {
  /** As typed at registration, NFKC. */
  readonly username: string;
  readonly displayName: string | null;
  readonly email: string | null;
  /** What a gateway calls it (R32). */
  readonly externalId: string | null;
  readonly sso: SsoIdentity | null;
}

export const profileOf = ({ type, passwordId }: SealedProfile, person: Person): Profile => ({
  type,
  passwordId,
  username: person.username,
  displayName: person.displayName ?? null,
  email: person.email ?? null,
  externalId: person.externalId ?? null,
  sso: person.ssoSubject === undefined ? null : { subject: person.ssoSubject, issuer: person.ssoIssuer ?? null },
});

/** As it stands in an event: whole, without what there is not. */
export const personOf = ({
  username,
  displayName,
  email,
  externalId,
  sso,
}: Omit<Profile, 'type' | 'passwordId'>): Person => ({
  username,
  ...(displayName !== null && { displayName }),
  ...(email !== null && { email }),
  ...(externalId !== null && { externalId }),
  ...(sso !== null && { ssoSubject: sso.subject, ...(sso.issuer !== null && { ssoIssuer: sso.issuer }) }),
});

export interface SsoIdentity {
  readonly subject: string;
  /** The identity provider that the subject is of; null: of any, as it was set when that was not recorded yet. */
  readonly issuer: string | null;
}

/**
 * Whether the account is that person's at that provider: a subject of another provider is another person (OpenID Connect
 * Core 1.0 §2, `sub` is unique within its issuer).
 */
export const isKnownTo = (sso: SsoIdentity | null, { subject, issuer }: { subject: string; issuer: string }): boolean =>
  sso !== null && sso.subject === subject && isOfProvider(sso, issuer);

/** `issuer` null: the portal has no provider. */
export const isOfProvider = (sso: SsoIdentity, issuer: string | null): boolean =>
  sso.issuer === null || sso.issuer === issuer;

export const initialAccount: Account = {
  profile: null,
  suspendedAt: null,
  lastLoginAt: null,
  emailSince: null,
  passwordLink: null,
  browsers: [],
  deleted: false,
};

/** `at` is the time of the event in milliseconds. */
export function evolveAccount(state: Account, event: Sealed<AccountEvent>, at: number): Account {
  switch (event.type) {
    case 'AccountRegistered': {
      const { type, passwordId } = event.data;
      return { ...state, profile: { type, passwordId, person: event.person }, emailSince: at };
    }
    case 'AccountChanged': {
      const { type, changed: members } = event.data;
      const after = changed(state, { person: event.person, ...(type?.to && { type: type.to }) });
      return {
        ...after,
        ...(members?.includes('email') && { emailSince: at }),
        ...(type && { browsers: [] }),
      };
    }
    case 'PasswordChanged':
      return { ...changed(state, { passwordId: event.data.passwordId }), passwordLink: null, browsers: [] };
    case 'PasswordLinkIssued':
      return { ...state, passwordLink: event.data.passwordLinkId };
    case 'AccountSuspended':
      return { ...state, suspendedAt: at, passwordLink: null, browsers: [] };
    case 'AccountResumed':
      return { ...state, suspendedAt: null };
    case 'AccountDeleted':
      return { ...state, browsers: [], deleted: true };
    case 'LoginSucceeded':
      return { ...state, lastLoginAt: at };
    case 'BrowserRemembered':
      return { ...state, browsers: [...state.browsers, event.data.browserId] };
    case 'BrowserForgotten':
      return { ...state, browsers: state.browsers.filter((id) => id !== event.data.browserId) };
    case 'HandedOver':
    case 'LoginFailed':
    case 'ReAuthenticated':
    case 'LoginTokenIssued':
    case 'LoggedOut':
    case 'SessionEnded':
      return state;
    default:
      return event satisfies never;
  }
}

const changed = (state: Account, changes: Partial<SealedProfile>): Account =>
  state.profile ? { ...state, profile: { ...state.profile, ...changes } } : state;

export const accountFold: Fold<Account, AccountEvent> = {
  app: 'identity',
  contracts: accountEvents,
  initial: initialAccount,
  evolve: evolveAccount,
  snapshotVersion: 9,
};
