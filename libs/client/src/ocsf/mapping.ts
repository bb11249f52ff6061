import type { z } from 'zod';
import type { adminPolicyEvents } from '#libs/contracts/src/events/admin-policy.js';
import type { identityEvents } from '#libs/contracts/src/events/identity.js';
import type { twoFactorEvents } from '#libs/contracts/src/events/two-factor.js';
import type { Activity, Severity, Status } from './classes.js';

type Contracts = typeof identityEvents & typeof twoFactorEvents & typeof adminPolicyEvents;
export type EventName = keyof Contracts;
type DataOf<Name extends EventName> = z.infer<Contracts[Name]['schema']>;

/** What an event is about that is no account (OCSF `managed_entity`). */
export interface Entity {
  readonly type: string;
  readonly uid?: string;
  readonly name?: string;
  /** The entity is the account of the event. */
  readonly user?: true;
}
export interface AuthFactor {
  readonly factor_type_id: 7 | 11 | 99;
  readonly factor_type: 'OTP' | 'Password' | 'Backup Code' | 'Remembered Browser';
  readonly is_totp?: true;
}

/** How an event is told in OCSF. Where its data decides the activity, all that it can be are named. */
export interface Mapping<Data> {
  readonly activity: Activity | readonly Activity[];
  /** Which of them it is. */
  readonly which?: (data: Data) => Activity;
  /** Success unless told. */
  readonly status?: Status;
  /** Informational unless told. */
  readonly severity?: Severity;
  /** OCSF `status_detail`. */
  readonly detail?: (data: Data) => string;
  /** The account that it is about, where it stands in another's stream. */
  readonly account?: (data: Data) => string;
  readonly entity?: (data: Data) => Entity;
  readonly session?: (data: Data) => string | null | undefined;
  readonly factors?: (data: Data) => AuthFactor[];
  /** OCSF `policies`: the role that is given or taken. */
  readonly policy?: string;
}

const password: AuthFactor = { factor_type_id: 11, factor_type: 'Password' };
const codeFactor = (method: 'totp' | 'backup-code'): AuthFactor =>
  method === 'totp'
    ? { factor_type_id: 7, factor_type: 'OTP', is_totp: true }
    : { factor_type_id: 99, factor_type: 'Backup Code' };
const authenticator = (uid: string): Entity => ({ type: 'Authenticator', uid });
const secret = ({ secretId }: { secretId: string }) => authenticator(secretId);
const known = ({ authenticatorId }: { authenticatorId: string }) => authenticator(authenticatorId);
const browser = ({ browserId }: { browserId: string }): Entity => ({ type: 'Remembered Browser', uid: browserId });
const sessionOf = ({ sessionId }: { sessionId?: string | null | undefined }) => sessionId;
const user = (): Entity => ({ type: 'User', user: true });
const administrator = {
  policy: 'administrator',
  severity: 'Medium',
  account: ({ accountId }: { accountId: string }) => accountId,
} as const;

/** Every event of the contracts: one that is new there does not compile without its line here. */
export const mappings: { readonly [Name in EventName]: Mapping<DataOf<Name>> } = {
  PortalCreated: { activity: 'Entity Management: Create', entity: () => ({ type: 'Portal' }) },
  AdministratorAppointed: { activity: 'Account Change: Attach Policy', ...administrator },
  AdministratorRemoved: { activity: 'Account Change: Detach Policy', ...administrator },
  AdministratorSuspended: { activity: 'Entity Management: Suspend', ...administrator, entity: user },
  AdministratorResumed: { activity: 'Entity Management: Resume', ...administrator, entity: user },
  UnknownLoginFailed: {
    activity: 'Authentication: Logon',
    status: 'Failure',
    severity: 'Low',
    detail: () => 'unknown-username',
    factors: () => [password],
  },

  AccountRegistered: { activity: 'Account Change: Create' },
  AccountChanged: { activity: 'Entity Management: Update', entity: user },
  AccountSuspended: { activity: 'Account Change: Disable', severity: 'Low' },
  AccountResumed: { activity: 'Account Change: Enable' },
  AccountDeleted: { activity: 'Account Change: Delete', severity: 'Low' },
  PasswordChanged: {
    activity: ['Account Change: Password Change', 'Account Change: Password Reset'],
    which: ({ sessionId }) =>
      sessionId === null ? 'Account Change: Password Reset' : 'Account Change: Password Change',
    session: sessionOf,
  },
  PasswordLinkIssued: {
    activity: 'Entity Management: Create',
    severity: 'Low',
    entity: ({ passwordLinkId }) => ({ type: 'Password Link', uid: passwordLinkId }),
  },
  LoginSucceeded: {
    activity: 'Authentication: Logon',
    session: sessionOf,
    detail: ({ method }) => method,
    factors: ({ method }) => {
      if (!method.startsWith('password')) return [];
      if (method === 'password') return [password];
      if (method === 'password+remembered-browser')
        return [password, { factor_type_id: 99, factor_type: 'Remembered Browser' }];
      return [password, codeFactor(method === 'password+totp' ? 'totp' : 'backup-code')];
    },
  },
  LoginFailed: {
    activity: ['Authentication: Logon', 'Authentication: Other'],
    which: ({ reason }) => (reason === 'wrong-password' ? 'Authentication: Logon' : 'Authentication: Other'),
    status: 'Failure',
    severity: 'Low',
    detail: ({ reason }) => reason,
    factors: () => [password],
  },
  // the first factor, by the gateway's word; the second is an attempt of its own
  HandedOver: {
    activity: 'Authentication: Preauth',
    session: sessionOf,
    detail: ({ purpose }) => `hand-over: ${purpose}`,
  },
  ReAuthenticated: {
    activity: 'Authentication: Other',
    session: sessionOf,
    detail: () => 're-authenticated',
    factors: ({ secondFactor }) => (secondFactor ? [password, codeFactor('totp')] : [password]),
  },
  LoginTokenIssued: {
    activity: 'Entity Management: Create',
    severity: 'Medium',
    entity: ({ loginTokenId }) => ({ type: 'Login Token', uid: loginTokenId }),
  },
  BrowserRemembered: { activity: 'Entity Management: Create', severity: 'Low', session: sessionOf, entity: browser },
  BrowserForgotten: {
    activity: 'Entity Management: Delete',
    severity: 'Low',
    entity: browser,
    detail: ({ reason }) => reason,
  },
  LoggedOut: { activity: 'Authentication: Logoff', session: sessionOf },
  SessionEnded: { activity: 'Authentication: Logoff', session: sessionOf, detail: () => 'session-ended' },

  SecretIssued: { activity: 'Entity Management: Create', entity: secret, detail: ({ reason }) => reason },
  ConfirmationFailed: {
    activity: 'Account Change: MFA Factor Enable',
    status: 'Failure',
    detail: () => 'wrong',
  },
  SetupFailed: {
    activity: 'Account Change: MFA Factor Enable',
    status: 'Failure',
    severity: 'Low',
    detail: () => 'too-many-wrong-codes',
  },
  TwoFactorEnabled: { activity: 'Account Change: MFA Factor Enable', session: sessionOf },
  AuthenticatorAdded: { activity: 'Account Change: MFA Factor Enable', session: sessionOf },
  AuthenticatorRenamed: { activity: 'Entity Management: Update', entity: known },
  AuthenticatorRemoved: { activity: 'Account Change: MFA Factor Disable', severity: 'Low', session: sessionOf },
  AuthenticatorImported: { activity: 'Entity Management: Create', entity: known },
  SecondFactorImported: { activity: 'Account Change: MFA Factor Enable' },
  ImportDiscarded: {
    activity: 'Entity Management: Delete',
    entity: ({ importId }) => ({ type: 'Import', uid: importId }),
  },
  BackupCodesIssued: {
    activity: 'Entity Management: Create',
    entity: ({ setId }) => ({ type: 'Backup Codes', uid: setId }),
  },
  BackupCodeUsed: {
    activity: 'Entity Management: Update',
    severity: 'Low',
    entity: ({ setId }) => ({ type: 'Backup Codes', uid: setId }),
    detail: ({ left }) => `${left} left`,
  },
  AttemptFailed: {
    activity: ['Authentication: Logon', 'Authentication: Other'],
    which: ({ purpose }) => (purpose === 'proof' ? 'Authentication: Other' : 'Authentication: Logon'),
    status: 'Failure',
    severity: 'Low',
    detail: ({ reason }) => `${reason}-code`,
    factors: ({ method }) => [codeFactor(method)],
  },
  AttemptSucceeded: {
    activity: ['Authentication: Preauth', 'Authentication: Logon', 'Authentication: Other'],
    // at a login, LoginSucceeded follows and is the logon; a gateway logs in itself
    which: ({ purpose }) =>
      (
        ({
          login: 'Authentication: Preauth',
          gateway: 'Authentication: Logon',
          proof: 'Authentication: Other',
        }) as const
      )[purpose],
    detail: ({ purpose }) => purpose,
    session: sessionOf,
    factors: ({ method }) => [codeFactor(method)],
  },
  AccountLocked: { activity: 'Account Change: Lock', severity: 'Medium' },
  UserUnlocked: {
    activity: 'Account Change: Unlock',
    severity: 'Low',
    detail: ({ reason }) => reason ?? 'enabled',
  },
  GraceBegan: { activity: 'Entity Management: Update', entity: user },
  SecondFactorErased: { activity: 'Account Change: MFA Factor Disable', detail: () => 'account-deleted' },
  TwoFactorDisabled: { activity: 'Account Change: MFA Factor Disable', severity: 'Medium', session: sessionOf },

  SettingsChanged: {
    activity: 'Entity Management: Update',
    severity: 'Medium',
    entity: () => ({ type: 'Policy', name: 'two-factor' }),
  },
  ProfileChanged: { activity: 'Entity Management: Update', entity: () => ({ type: 'Portal' }) },
  AddOnGranted: { activity: 'Entity Management: Enable', entity: ({ addOn }) => ({ type: 'Add-on', name: addOn }) },
  AddOnRevoked: {
    activity: 'Entity Management: Disable',
    severity: 'Medium',
    entity: ({ addOn }) => ({ type: 'Add-on', name: addOn }),
  },
  SsoChanged: {
    activity: ['Entity Management: Create', 'Entity Management: Update'],
    which: ({ from }) => (from === null ? 'Entity Management: Create' : 'Entity Management: Update'),
    severity: 'Medium',
    entity: ({ to }) => ({ type: 'Identity Provider', uid: to.issuer }),
  },
  SsoRemoved: {
    activity: 'Entity Management: Delete',
    severity: 'Medium',
    entity: ({ from }) => ({ type: 'Identity Provider', uid: from.issuer }),
  },
  ServiceTokenIssued: {
    activity: 'Entity Management: Create',
    severity: 'Low',
    entity: ({ tokenId, name }) => ({ type: 'Service Token', uid: tokenId, name }),
  },
  ClientRegistered: {
    activity: 'Entity Management: Create',
    severity: 'Medium',
    entity: ({ clientId, client }) => ({ type: 'OpenID Connect Client', uid: clientId, name: client.name }),
  },
  ClientRemoved: {
    activity: 'Entity Management: Delete',
    severity: 'Low',
    entity: ({ clientId }) => ({ type: 'OpenID Connect Client', uid: clientId }),
  },
  ServiceTokenRevoked: {
    activity: 'Entity Management: Delete',
    entity: ({ tokenId }) => ({ type: 'Service Token', uid: tokenId }),
  },
};

/** A row of the table: an event, and what it can be in OCSF. */
export const activitiesOf = ({ activity }: Mapping<never>): readonly Activity[] =>
  typeof activity === 'string' ? [activity] : activity;
