import type { Actor, EventContract, RecordedEvent } from '#libs/contracts/src/events/event.js';
import { type AccountEvent, accountEvents } from '#libs/contracts/src/events/identity.js';
import { type TwoFactorEvent, twoFactorEvents } from '#libs/contracts/src/events/two-factor.js';
import { isFirstOfCommit } from '#libs/event-store/src/sealing.js';
import type { By, News } from './news.js';

interface Said<Data> {
  readonly id: string;
  readonly data: Data;
  readonly by: By;
}
/** What is told of an event; null: nothing. */
type Tell<Data> = (said: Said<Data>) => News | null;
/** Every event of the app: one that is new does not compile until it is decided here whether people hear of it (R40). */
type Table<Event extends { readonly type: string; readonly data: unknown }> = {
  readonly [Name in Event['type']]: Tell<Extract<Event, { type: Name }>['data']> | null;
};

const ofAccounts: Table<AccountEvent> = {
  PasswordChanged: ({ data }) => ({ kind: 'password-changed', byLink: data.sessionId === null }),
  AccountChanged({ data, by }) {
    const changed = (['username', 'email'] as const).filter((member) => data.changed?.includes(member));
    return changed.length > 0 ? { kind: 'username-or-email-changed', changed, by } : null;
  },
  AccountRegistered: null,
  AccountSuspended: null,
  AccountResumed: null,
  AccountDeleted: null,
  PasswordLinkIssued: null,
  BrowserRemembered: () => ({ kind: 'browser-remembered' }),
  // the others are told of by what ended it, or somebody has ended it on purpose
  BrowserForgotten: ({ data }) => (data.reason === 'token-reused' ? { kind: 'browser-token-reused' } : null),
  LoginSucceeded: null,
  HandedOver: null,
  LoginFailed: null,
  ReAuthenticated: null,
  LoginTokenIssued: null,
  LoggedOut: null,
  SessionEnded: null,
};

const ofSecondFactors: Table<TwoFactorEvent> = {
  TwoFactorEnabled: () => ({ kind: 'two-factor-enabled' }),
  TwoFactorDisabled: ({ data, by }) => (data.was === 'enabled' ? { kind: 'two-factor-disabled', by } : null),
  SecretIssued: ({ data }) => (data.reason === 'reset' ? { kind: 'two-factor-reset' } : null),
  AuthenticatorAdded: () => ({ kind: 'authenticator-added' }),
  AuthenticatorRemoved: () => ({ kind: 'authenticator-removed' }),
  // those that are made when 2FA becomes active are told of with it
  BackupCodesIssued: ({ id }) => (isFirstOfCommit(id) ? { kind: 'backup-codes-made' } : null),
  BackupCodeUsed: ({ data }) => ({ kind: 'backup-code-used', left: data.left }),
  AccountLocked: ({ data }) => ({ kind: 'locked', endsAt: data.endsAt ?? null }),
  ConfirmationFailed: null,
  SetupFailed: null,
  AuthenticatorRenamed: null,
  AuthenticatorImported: null,
  SecondFactorImported: null,
  ImportDiscarded: null,
  AttemptFailed: null,
  AttemptSucceeded: null,
  UserUnlocked: null,
  SecondFactorErased: null,
  // the login that begins it tells so itself
  GraceBegan: null,
};

const contracts: readonly EventContract[] = [...Object.values(accountEvents), ...Object.values(twoFactorEvents)];
const tells = new Map(
  Object.entries<Tell<never> | null>({ ...ofAccounts, ...ofSecondFactors }).flatMap(([name, tell]) => {
    const type = contracts.find((contract) => contract.name === name)?.type;
    return tell && type !== undefined ? [[type, tell] as const] : [];
  }),
);

/** The types of the events that people hear of. */
export const typesOfNews: readonly string[] = [...tells.keys()];

export function newsOf({ id, type, account, actor, data }: RecordedEvent): News | null {
  return tells.get(type)?.({ id, data: data as never, by: byOf(actor, account) }) ?? null;
}

export function byOf({ kind, id }: Actor, account: string | undefined): By {
  if (id !== undefined && id === account) return 'person';
  // whoever proved the account's own password or code, and no session yet
  return kind === 'user' || kind === 'anonymous' ? 'person' : kind;
}
