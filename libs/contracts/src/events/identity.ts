import { z } from 'zod';
import { accountType, handOverPurpose, loginMethod, opaqueId, timestamp } from '../primitives.js';
import { type DomainEvents, eventsOf } from './event.js';

const event = eventsOf('identity');
const change = <T extends z.ZodType>(value: T) => z.strictObject({ from: value.nullable(), to: value.nullable() });
const sessionId = opaqueId;
const enrolmentRequired = z.literal(true).meta({ description: 'The session can only set up 2FA (R37).' });

/**
 * What an account's events say of its person, whole each time: sealed under the account's key (R42). Texts as they were taken,
 * which may be more than is taken now: an old log stays readable.
 */
export const person = z.strictObject({
  username: z.string(),
  displayName: z.string().optional(),
  email: z.string().optional(),
  formerEmail: z.string().optional().meta({
    description: 'The address of before, where this event changed it: a mail goes there too (R40).',
  }),
  externalId: z.string().optional().meta({ description: 'The id that a gateway has for the account.' }),
  ssoSubject: z.string().optional(),
  ssoIssuer: z.string().optional().meta({
    description: 'The identity provider of the subject; missing if none was configured when it was set.',
  }),
});
export type Person = z.infer<typeof person>;
export const personMembers = ['username', 'displayName', 'email', 'externalId', 'ssoSubject'] as const;

/** Version 1 of these had the person in plain text; no log with it is read. */
const sealedPerson = { first: 2, person };

/** What stands in a portal's stream. */
export const portalEvents = {
  PortalCreated: event(
    'PortalCreated',
    'A portal was created with its first administrator.',
    z.strictObject({ administrator: opaqueId }),
    { administrator: 'a1' },
  ),
  AdministratorAppointed: event(
    'AdministratorAppointed',
    'An account became an administrator of the portal.',
    z.strictObject({ accountId: opaqueId }),
    { accountId: 'a2' },
  ),
  AdministratorRemoved: event(
    'AdministratorRemoved',
    'An account is no longer an administrator.',
    z.strictObject({ accountId: opaqueId }),
    { accountId: 'a2' },
  ),
  AdministratorSuspended: event(
    'AdministratorSuspended',
    'An administrator was suspended: another one is left who can log in.',
    z.strictObject({ accountId: opaqueId }),
    { accountId: 'a2' },
  ),
  AdministratorResumed: event(
    'AdministratorResumed',
    'A suspended administrator was resumed.',
    z.strictObject({ accountId: opaqueId }),
    { accountId: 'a2' },
  ),
  UnknownLoginFailed: event(
    'UnknownLoginFailed',
    'A login with an unknown username, which is not recorded.',
    z.strictObject({}),
    {},
  ),
} as const;

/** What stands in an account's stream. */
export const accountEvents = {
  AccountRegistered: event(
    'AccountRegistered',
    'An account was created.',
    z.strictObject({
      type: accountType,
      passwordId: opaqueId.nullable().meta({ description: 'Null: the account has no password (R32).' }),
      importId: opaqueId
        .optional()
        .meta({ description: 'Of the import that brought the second factor of the account (R36).' }),
    }),
    { type: 'contributor', passwordId: 'p1' },
    sealedPerson,
  ),
  AccountChanged: event(
    'AccountChanged',
    'An account changed: which of the personal fields did, and the type with its old and new value.',
    z.strictObject({ type: change(accountType).optional(), changed: z.array(z.enum(personMembers)).optional() }),
    { type: { from: 'contributor', to: 'power-reader' } },
    sealedPerson,
  ),
  AccountSuspended: event(
    'AccountSuspended',
    'The account was suspended: nobody can log in to it; its sessions, challenges and login tokens ended for good.',
    z.strictObject({}),
    {},
  ),
  AccountDeleted: event(
    'AccountDeleted',
    'The account was deleted for good: its credentials, second factor and keys are destroyed; what is personal in its events can no longer be read.',
    z.strictObject({}),
    {},
  ),
  AccountResumed: event(
    'AccountResumed',
    'The account was resumed: its user can log in again.',
    z.strictObject({}),
    {},
  ),
  PasswordChanged: event(
    'PasswordChanged',
    'The user changed their password, or set one by a link; all their other sessions and remembered browsers ended.',
    z.strictObject({
      passwordId: opaqueId,
      sessionId: sessionId.nullable().meta({ description: 'Null: by a link.' }),
      passwordLinkId: opaqueId.optional(),
    }),
    { passwordId: 'p2', sessionId: 's1' },
  ),
  PasswordLinkIssued: event(
    'PasswordLinkIssued',
    'A link was made by which the person sets a password, by the operator or, mailed to the person, by an administrator; one of before has ended.',
    z.strictObject({ passwordLinkId: opaqueId, mailed: z.literal(true).optional() }),
    { passwordLinkId: 'l1' },
  ),
  LoginSucceeded: event(
    'LoginSucceeded',
    'A session was issued.',
    z.strictObject({
      method: loginMethod,
      sessionId,
      enrolmentRequired: enrolmentRequired.optional(),
      browserId: opaqueId.optional().meta({ description: 'Of a browser that is remembered (R39).' }),
    }),
    {
      method: 'password+totp',
      sessionId: 's1',
    },
  ),
  HandedOver: event(
    'HandedOver',
    'A gateway that has proved the first factor handed the person over: to pass the second one, or to manage it. A session began that can do this alone.',
    z.strictObject({
      clientId: opaqueId,
      purpose: handOverPurpose,
      sessionId,
      provedAt: timestamp.meta({ description: 'When the first factor was proved, by the word of the gateway.' }),
    }),
    { clientId: 'cl1', purpose: 'pass', sessionId: 's1', provedAt: '2026-11-24T09:30:00.000Z' },
  ),
  LoginFailed: event(
    'LoginFailed',
    'An incorrect password was entered for this account.',
    z.strictObject({
      reason: z.enum(['wrong-password', 'wrong-password-at-re-authentication', 'wrong-password-at-change']),
    }),
    { reason: 'wrong-password' },
  ),
  ReAuthenticated: event(
    'ReAuthenticated',
    'The user confirmed their identity again in this session.',
    z.strictObject({ sessionId, secondFactor: z.boolean() }),
    { sessionId: 's1', secondFactor: true },
  ),
  LoginTokenIssued: event(
    'LoginTokenIssued',
    'An administrator issued a login token, valid once within 10 minutes.',
    z.strictObject({ loginTokenId: opaqueId }),
    { loginTokenId: 't1' },
  ),
  BrowserRemembered: event(
    'BrowserRemembered',
    'After a code the user had this browser remembered: a login there asks for the password alone.',
    z.strictObject({ browserId: opaqueId, sessionId }),
    { browserId: 'b1', sessionId: 's1' },
  ),
  BrowserForgotten: event(
    'BrowserForgotten',
    'A browser is no longer remembered: the user or an administrator ended it (`ended`), it was the oldest of too many (`too-many`), the second factor changed or the account was locked (`second-factor-changed`), or a token of it came again that had been replaced long before (`token-reused`), so that somebody may have a copy. A change of the password or the type, and a suspension, forget all browsers without this event.',
    z.strictObject({
      browserId: opaqueId,
      reason: z.enum(['ended', 'too-many', 'second-factor-changed', 'token-reused']),
    }),
    { browserId: 'b1', reason: 'ended' },
  ),
  LoggedOut: event('LoggedOut', 'The user logged out.', z.strictObject({ sessionId }), {
    sessionId: 's1',
  }),
  SessionEnded: event(
    'SessionEnded',
    'The user or an administrator ended this session.',
    z.strictObject({ sessionId }),
    { sessionId: 's1' },
  ),
} as const;

export type PortalEvent = DomainEvents<typeof portalEvents>;
export type AccountEvent = DomainEvents<typeof accountEvents>;

export const identityEvents = { ...portalEvents, ...accountEvents } as const;
