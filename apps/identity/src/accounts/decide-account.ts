import { MOST_BROWSERS } from '#libs/contracts/src/limits.js';
import { type AccountEvent, type Person, personMembers } from '#libs/contracts/src/events/identity.js';
import type { AccountType } from '#libs/contracts/src/primitives.js';
import type { Refusal } from '#libs/contracts/src/problems.js';
import type { Decision } from '#libs/event-store/src/decision.js';
import { type Account, personOf, type Profile, type SsoIdentity } from './account.js';

type DataOf<Type extends AccountEvent['type']> = Extract<AccountEvent, { type: Type }>['data'];

/** What of an account can be changed; what is absent stays. */
export interface ProfileChanges {
  readonly type?: AccountType;
  readonly username?: string;
  readonly displayName?: string | null;
  readonly email?: string | null;
  readonly externalId?: string | null;
  readonly sso?: SsoIdentity | null;
}

/** Why a browser is not remembered any more. */
export type Forgotten = DataOf<'BrowserForgotten'>['reason'];

/** Everything that can be asked of one account. Ids and hashes are made by the caller. */
export type AccountCommand =
  | { readonly type: 'Register'; readonly account: DataOf<'AccountRegistered'>; readonly person: Person }
  | { readonly type: 'Change'; readonly changes: ProfileChanges }
  | {
      readonly type: 'ChangePassword';
      /** The password that was checked; another change may have come between. */
      readonly checked: string;
      readonly passwordId: string;
      readonly sessionId: string;
    }
  | { readonly type: 'IssuePasswordLink'; readonly passwordLinkId: string; readonly mailed?: true }
  /** By a link. */
  | { readonly type: 'SetPassword'; readonly passwordLinkId: string; readonly passwordId: string }
  | { readonly type: 'Suspend' }
  | { readonly type: 'Resume' }
  | { readonly type: 'Delete' }
  | {
      readonly type: 'RecordLogin';
      readonly login: DataOf<'LoginSucceeded'>;
      /** The login's browser is remembered from now on, else it was before (R39). */
      readonly remembers?: boolean;
    }
  | { readonly type: 'RecordHandOver'; readonly handOver: DataOf<'HandedOver'> }
  | { readonly type: 'ForgetBrowsers'; readonly browserIds: readonly string[]; readonly reason: Forgotten }
  | { readonly type: 'RecordFailedLogin'; readonly reason: DataOf<'LoginFailed'>['reason'] }
  | { readonly type: 'RecordReAuthentication'; readonly sessionId: string; readonly secondFactor: boolean }
  | { readonly type: 'RecordLoginToken'; readonly loginTokenId: string }
  | { readonly type: 'RecordLogout'; readonly sessionId: string }
  | { readonly type: 'RecordSessionEnd'; readonly sessionId: string };

export type AccountRefusal = Refusal<
  'username-taken' | 'not-found' | 'invalid-credentials' | 'challenge-ended' | 'account-suspended' | 'account-deleted'
>;
export type AccountAnswer = { readonly changed: boolean } | AccountRefusal;
export type AccountDecision = Decision<AccountEvent, AccountAnswer>;

/** `opened`: the profile with its person, where the command needs to know it (`asksForPerson`). */
export function decideAccount(
  command: AccountCommand,
  { profile, suspendedAt, passwordLink, browsers, deleted }: Account,
  opened: Profile | null = null,
): AccountDecision {
  if (command.type === 'Register') {
    const { account: data, person } = command;
    return profile ? refuse('username-taken') : accept({ type: 'AccountRegistered', data, person });
  }
  if (!profile) return { events: [], answer: noSuchAccount };
  if (command.type === 'Delete') return deleted ? unchanged : accept({ type: 'AccountDeleted', data: {} });
  if (deleted) return refuse('account-deleted');

  switch (command.type) {
    case 'Change': {
      if (!opened) return { events: [], answer: noSuchAccount };
      const after = { ...opened, ...definedOf(command.changes) };
      const data = differences(opened, after);
      if (Object.keys(data).length === 0) return unchanged;
      const formerEmail = data.changed?.includes('email') && opened.email !== null ? opened.email : undefined;
      const person = { ...personOf(after), ...(formerEmail !== undefined && { formerEmail }) };
      return accept({ type: 'AccountChanged', data, person });
    }
    case 'ChangePassword': {
      const { checked, passwordId, sessionId } = command;
      return profile.passwordId === checked
        ? accept({ type: 'PasswordChanged', data: { passwordId, sessionId } })
        : { events: [], answer: wrongCredentials };
    }
    case 'IssuePasswordLink': {
      const { passwordLinkId, mailed } = command;
      return accept({ type: 'PasswordLinkIssued', data: { passwordLinkId, ...(mailed && { mailed }) } });
    }
    case 'SetPassword': {
      const { passwordLinkId, passwordId } = command;
      if (suspendedAt !== null) return refuse('account-suspended');
      return passwordLink === passwordLinkId
        ? accept({ type: 'PasswordChanged', data: { passwordId, sessionId: null, passwordLinkId } })
        : { events: [], answer: wrongCredentials };
    }
    case 'Suspend':
      return suspendedAt === null ? accept({ type: 'AccountSuspended', data: {} }) : unchanged;
    case 'Resume':
      return suspendedAt === null ? unchanged : accept({ type: 'AccountResumed', data: {} });
    case 'RecordLogin':
      // whatever else was looked at before: no session begins while the account is suspended
      if (suspendedAt !== null) return refuse('account-suspended');
      return decideLogin(command.login, browsers, command.remembers ?? false);
    case 'RecordHandOver':
      if (suspendedAt !== null) return refuse('account-suspended');
      // who has a password proves it here, and nobody else does for them (R34)
      if (profile.passwordId !== null) return { events: [], answer: noSuchAccount };
      return accept({ type: 'HandedOver', data: command.handOver });
    case 'ForgetBrowsers': {
      const { browserIds, reason } = command;
      return accept(...browserIds.filter((id) => browsers.includes(id)).map((id) => forgotten(id, reason)));
    }
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
    case 'RecordSessionEnd':
      return accept({ type: 'SessionEnded', data: { sessionId: command.sessionId } });
    default:
      return command satisfies never;
  }
}

/** A browser that has been forgotten in the meantime logs nobody in; of too many the one that was remembered first gives way (R39). */
function decideLogin(
  login: DataOf<'LoginSucceeded'>,
  browsers: readonly string[],
  remembers: boolean,
): AccountDecision {
  const { browserId, sessionId } = login;
  const succeeded: AccountEvent = { type: 'LoginSucceeded', data: login };
  if (browserId === undefined) return accept(succeeded);
  if (!remembers) return browsers.includes(browserId) ? accept(succeeded) : refuse('challenge-ended');
  const tooMany = browsers.slice(0, Math.max(0, browsers.length + 1 - MOST_BROWSERS));
  return accept(succeeded, ...tooMany.map((id) => forgotten(id, 'too-many')), {
    type: 'BrowserRemembered',
    data: { browserId, sessionId },
  });
}

const forgotten = (browserId: string, reason: Forgotten): AccountEvent => ({
  type: 'BrowserForgotten',
  data: { browserId, reason },
});

/** Whether the decision needs to know who it is. */
export const asksForPerson = ({ type }: AccountCommand): boolean => type === 'Change';

function differences(before: Profile, after: Profile): DataOf<'AccountChanged'> {
  const [was, is] = [personOf(before), personOf(after)];
  const changed = personMembers.filter((name) => was[name] !== is[name]);
  if (was.ssoIssuer !== is.ssoIssuer && !changed.includes('ssoSubject')) changed.push('ssoSubject');
  return {
    ...(before.type !== after.type && { type: { from: before.type, to: after.type } }),
    ...(changed.length > 0 && { changed }),
  };
}

/** Without the members that are absent, or as good as. */
export const definedOf = <T extends object>(members: T) =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };

const unchanged: AccountDecision = { events: [], answer: { changed: false } };
const accept = (...events: AccountEvent[]): AccountDecision => ({ events, answer: { changed: events.length > 0 } });
/** The same for a wrong name and a wrong password (R15), and when another was first to change it. */
export const wrongCredentials: AccountRefusal = {
  refused: 'invalid-credentials',
  detail: 'The username or password is incorrect.',
};
export const noSuchAccount: AccountRefusal = {
  refused: 'not-found',
  detail: 'There is no such account in the portal.',
};
export const deletedAccount: AccountRefusal = { refused: 'account-deleted' };
const refuse = (refused: AccountRefusal['refused']): AccountDecision => ({ events: [], answer: { refused } });
