import { z } from 'zod';
import { sealedText, type SourceApp } from '../events/event.js';
import { sourceApps } from '../events/events.js';
import { ed25519Jwk } from '../http/admin-policy.js';
import type { AppName } from '../http/endpoint.js';
import { appStatus } from '../installation.js';
import { clientMetadata } from '../http/clients.js';
import { MOST_TOTP_AUTHENTICATORS } from '../limits.js';
import {
  accountName,
  accountStatus,
  accountType,
  authenticatorName,
  challengeAnswer,
  challengePassed,
  enrolment,
  enrolmentStatus,
  externalId,
  handOverPurpose,
  oneCode,
  opaqueId,
  portalId,
  serviceScope,
  streamName,
  timestamp,
  totpParameters,
} from '../primitives.js';
import { signingKeyRotation, signingKeys } from '../signing-keys.js';
import { request } from './request.js';

const ofAccount = { portal: portalId, accountId: opaqueId };
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** What a challenge is good for: a login here, or the check of the gateway that opened it (R21). */
export const challengePurpose = z.discriminatedUnion('kind', [
  /** `sessionEpoch` is identity's: it comes back when the code has passed, so that ended sessions end open logins too. */
  z.strictObject({ kind: z.literal('login'), sessionEpoch: z.int().nonnegative().optional() }),
  z.strictObject({ kind: z.literal('gateway'), serviceId: opaqueId, portal: portalId }),
]);
export type ChallengePurpose = z.infer<typeof challengePurpose>;

/** Raised by all of the second factor that ends remembered browsers (R39): one of an older epoch has ended. */
const browserEpoch = z.int().nonnegative();

const sessionProof = z.strictObject({
  /** When the person last proved the first factor: the password in this session, or at the gateway that handed them over. Null for SSO and login tokens. */
  passwordAt: timestamp.nullable(),
  /** By a gateway's word (R34). */
  handedOver: z.literal(true).optional(),
  /** The authenticator that this session has passed; of a backup code, the one that 2FA was enabled with. Null: none. */
  authenticatorId: opaqueId.nullable(),
});

/** A session as the other apps see it. */
export const session = z.strictObject({
  sessionId: opaqueId,
  ...ofAccount,
  username: z.string(),
  type: accountType,
  administrator: z.boolean(),
  expiresAt: timestamp,
  proof: sessionProof,
  /** It can only set up 2FA (R37). */
  enrolmentRequired: z.literal(true).optional(),
  /** It can do only this, with the person's second factor (R34). */
  handOver: handOverPurpose.optional(),
});
export type Session = z.infer<typeof session>;

/** As a gateway is answered, but that the time of grace may be over: identity then issues a session that can only set up 2FA. */
const loginAnswer = z.discriminatedUnion('required', [
  z.strictObject({
    required: z.literal(false),
    enrolment: enrolment.extend({ isOver: z.boolean() }).optional(),
    /** A code would be required, were the browser not remembered (R39). */
    remembered: z.literal(true).optional(),
  }),
  challengeAnswer.options[1],
]);

export const twoFactorRequests = {
  openChallenge: request('two-factor', 'challenge.open', {
    summary:
      'Whether a code is required, or 2FA is to be set up (R37). Refused while the account is suspended or locked.',
    schema: z.strictObject({
      ...ofAccount,
      purpose: challengePurpose,
      /** Of the browser, which is remembered and has shown so: only for a login. */
      browserEpoch: browserEpoch.optional(),
    }),
    reply: loginAnswer,
    example: { portal: 'demo', accountId: 'a1', purpose: { kind: 'login' } },
    replyExample: { required: true, challenge: '…', expiresAt: '2026-11-24T09:35:00.000Z' },
  }),
  verifyChallenge: request('two-factor', 'challenge.verify', {
    summary: 'Check the code of a challenge.',
    schema: z.strictObject({ challenge: z.string(), purpose: challengePurpose, ...oneCode }),
    reply: challengePassed.extend({
      portal: portalId,
      authenticatorId: opaqueId,
      challengeId: opaqueId,
      browserEpoch,
      sessionEpoch: z.int().nonnegative().optional(),
    }),
    example: { challenge: '…', purpose: { kind: 'login' }, code: '492039' },
    replyExample: {
      passed: true,
      portal: 'demo',
      accountId: 'a1',
      method: 'totp',
      authenticatorId: 'k7',
      challengeId: 'c9',
      browserEpoch: 0,
    },
  }),
  verifyProof: request('two-factor', 'proof.verify', {
    summary: 'Check the code of a re-authentication, if one is required (R14). Counts as an attempt.',
    schema: z.strictObject({ ...ofAccount, sessionId: opaqueId, ...oneCode }),
    reply: z.discriminatedUnion('required', [
      z.strictObject({ required: z.literal(false) }),
      z.strictObject({ required: z.literal(true), authenticatorId: opaqueId }),
    ]),
    example: { portal: 'demo', accountId: 'a1', sessionId: 's1', code: '492039' },
    replyExample: { required: true, authenticatorId: 'k7' },
  }),
  requireProof: request('two-factor', 'proof.require', {
    summary: 'Refuse a session whose proof is not fresh (R14) and say what is missing. Checks no code.',
    schema: z.strictObject({ ...ofAccount, sessionId: opaqueId, proof: sessionProof }),
    /** Whether the proof had to have a code, and has. */
    reply: z.strictObject({ active: z.boolean() }),
    example: {
      portal: 'demo',
      accountId: 'a1',
      sessionId: 's1',
      proof: { passwordAt: '2026-11-24T09:30:00.000Z', authenticatorId: null },
    },
    replyExample: { active: false },
  }),
  describeAccounts: request('two-factor', 'accounts.describe', {
    summary: 'Lock and enrolment state of accounts, read from the log.',
    schema: z.strictObject({ portal: portalId, accountIds: z.array(opaqueId).max(200) }),
    reply: z.strictObject({
      accounts: z.array(
        z.strictObject({
          accountId: opaqueId,
          /** Null: it is not locked. */
          lockedAt: timestamp.nullable(),
          /** Null: it is not locked, or an administrator ends the lock. */
          lockEndsAt: timestamp.nullable(),
          failedAttempts: z.int().nonnegative(),
          /** Null: no time of grace has begun (R37). */
          graceEndsAt: timestamp.nullable(),
          twoFactor: z.strictObject({ status: enrolmentStatus, backupCodesLeft: z.int() }),
        }),
      ),
    }),
    example: { portal: 'demo', accountIds: ['a1'] },
    replyExample: {
      accounts: [
        {
          accountId: 'a1',
          lockedAt: null,
          lockEndsAt: null,
          failedAttempts: 0,
          graceEndsAt: null,
          twoFactor: { status: 'enabled', backupCodesLeft: 10 },
        },
      ],
    },
  }),
  importSecondFactor: request('two-factor', 'second-factor.import', {
    summary:
      'Store the second factor of an account that is about to be registered by this import (R36); it is enabled by the registration that names the import. Again it changes nothing.',
    schema: z.strictObject({
      ...ofAccount,
      importId: opaqueId,
      authenticators: z
        .array(
          z.strictObject({
            secret: z.base64url(),
            totp: totpParameters,
            name: authenticatorName.optional(),
          }),
        )
        .min(1)
        .max(MOST_TOTP_AUTHENTICATORS),
    }),
    reply: z.strictObject({}),
    example: {
      portal: 'demo',
      accountId: 'a1',
      importId: 'i1',
      authenticators: [{ secret: 'AAAA', totp: { algorithm: 'SHA1', digits: 6, period: 30 }, name: 'Work phone' }],
    },
    replyExample: {},
  }),
  unlockUser: request('two-factor', 'user.unlock', {
    summary: 'Unlock an account.',
    schema: z.strictObject(ofAccount),
    reply: z.strictObject({ status: z.literal('active') }),
    example: { portal: 'demo', accountId: 'a1' },
    replyExample: { status: 'active' },
  }),
  disableUser: request('two-factor', 'user.disable', {
    summary: 'Disable the 2FA of an account.',
    schema: z.strictObject(ofAccount),
    reply: z.strictObject({ status: z.literal('none') }),
    example: { portal: 'demo', accountId: 'a1' },
    replyExample: { status: 'none' },
  }),
};

const ofSession = z.strictObject({ ...ofAccount, sessionId: opaqueId });
/** A session as the OpenID Provider needs to know it. */
const describedSession = z.strictObject({
  beganAt: timestamp,
  expiresAt: timestamp,
  proof: sessionProof,
  enrolmentRequired: z.literal(true).optional(),
  username: z.string(),
  displayName: z.string().nullable(),
  email: z.string().nullable(),
});
export type DescribedSession = z.infer<typeof describedSession>;

/** Of a page of 200 events, each of an account and by another. */
export const MOST_NAMED = 400;

/** Of a person, for a mail. */
const contact = z.strictObject({
  username: z.string(),
  displayName: z.string().nullable(),
  email: z.string().nullable(),
  /** Since when it has this address, or none. */
  emailSince: timestamp.nullable(),
});
export type Contact = z.infer<typeof contact>;

export const identityRequests = {
  nameAccounts: request('identity', 'accounts.name', {
    summary: 'The present usernames of accounts; null where the portal has no such account, or none any more.',
    schema: z.strictObject({ portal: portalId, accountIds: z.array(opaqueId).max(MOST_NAMED) }),
    reply: z.strictObject({ usernames: z.array(z.string().nullable()) }),
    example: { portal: 'demo', accountIds: ['a1', 'a2'] },
    replyExample: { usernames: ['alice', null] },
  }),
  resolveAccount: request('identity', 'account.resolve', {
    summary: 'The account that a gateway has this id for (R32); null: the portal has none.',
    schema: z.strictObject({ portal: portalId, externalId }),
    reply: z.strictObject({ accountId: opaqueId.nullable() }),
    example: { portal: 'demo', externalId: 'u-1042' },
    replyExample: { accountId: 'a1' },
  }),
  describeContact: request('identity', 'account.contact', {
    summary: 'Who a mail to an account goes to, and by which name; null: the account was deleted, or there is none.',
    schema: z.strictObject(ofAccount),
    reply: z.strictObject({ contact: contact.nullable() }),
    example: { portal: 'demo', accountId: 'a1' },
    replyExample: {
      contact: {
        username: 'alice',
        displayName: 'Alice',
        email: 'alice@acme.example',
        emailSince: '2026-11-17T09:30:00.000Z',
      },
    },
  }),
  listAdministrators: request('identity', 'administrators.list', {
    summary: 'The accounts of the administrators of a portal who are not suspended.',
    schema: z.strictObject({ portal: portalId }),
    reply: z.strictObject({ accountIds: z.array(opaqueId) }),
    example: { portal: 'demo' },
    replyExample: { accountIds: ['a1'] },
  }),
  suspendAccount: request('identity', 'account.suspend', {
    summary: 'Suspend an account (R41). Answers when it is in effect.',
    schema: z.strictObject(ofAccount),
    reply: z.strictObject({ status: accountStatus }),
    example: { portal: 'demo', accountId: 'a1' },
    replyExample: { status: 'suspended' },
  }),
  deleteAccount: request('identity', 'account.delete', {
    summary: 'Delete an account for good (R42). Answers when it is in effect.',
    schema: z.strictObject(ofAccount),
    reply: z.strictObject({}),
    example: { portal: 'demo', accountId: 'a1' },
    replyExample: {},
  }),
  resumeAccount: request('identity', 'account.resume', {
    summary: 'Resume an account (R41). Answers when it is in effect.',
    schema: z.strictObject(ofAccount),
    reply: z.strictObject({ status: accountStatus }),
    example: { portal: 'demo', accountId: 'a1' },
    replyExample: { status: 'active' },
  }),
  describeSession: request('identity', 'session.describe', {
    summary: 'Whose session this is and how it began, by its id; current.',
    schema: ofSession,
    reply: z.discriminatedUnion('status', [
      z.strictObject({ status: z.literal('active'), session: describedSession }),
      z.strictObject({ status: z.literal('ended') }),
    ]),
    example: { portal: 'demo', accountId: 'a1', sessionId: 's1' },
    replyExample: {
      status: 'active',
      session: {
        beganAt: '2026-11-24T09:30:00.000Z',
        expiresAt: '2026-11-24T21:30:00.000Z',
        proof: { passwordAt: '2026-11-24T09:30:00.000Z', authenticatorId: null },
        username: 'alice',
        displayName: 'Alice',
        email: null,
      },
    },
  }),
  handOver: request('identity', 'hand-over.begin', {
    summary:
      'A gateway of the portal hands a person over whose first factor it has proved (R34). Refused for an account that has a password, is an administrator, is unknown or deleted (`not-found`, all the same), suspended or locked.',
    schema: z.strictObject({
      portal: portalId,
      account: accountName,
      clientId: opaqueId,
      purpose: handOverPurpose,
      /** When the first factor was proved. */
      provedAt: timestamp,
    }),
    reply: z.strictObject({ accountId: opaqueId, sessionId: opaqueId, accessToken: z.string() }),
    example: {
      portal: 'demo',
      account: 'external:u-1042',
      clientId: 'cl1',
      purpose: 'pass',
      provedAt: '2026-11-24T09:30:00.000Z',
    },
    replyExample: { accountId: 'a1', sessionId: 's1', accessToken: 'ses_…' },
  }),
  describeHandOver: request('identity', 'hand-over.describe', {
    summary: 'What a person who was handed over has still to do, and what they have proved.',
    schema: ofSession,
    reply: z.discriminatedUnion('status', [
      z.strictObject({
        status: z.literal('open'),
        username: z.string(),
        /** `hand-over`: the proof of the first factor is too old by now. */
        needs: z.enum(['code', 'enrolment', 'hand-over']).nullable(),
        /** The time to set up 2FA, where it is not over. */
        graceEndsAt: timestamp.optional(),
        /** It is over (R37). */
        overdue: z.boolean(),
        provedAt: timestamp,
        /** Whether the second factor was passed. */
        passed: z.boolean(),
      }),
      z.strictObject({
        status: z.literal('ended'),
        reason: z.enum(['account-locked', 'account-suspended']).optional(),
      }),
    ]),
    example: { portal: 'demo', accountId: 'a1', sessionId: 's1' },
    replyExample: {
      status: 'open',
      username: 'alice',
      needs: 'code',
      overdue: false,
      provedAt: '2026-11-24T09:30:00.000Z',
      passed: false,
    },
  }),
  proveHandOver: request('identity', 'hand-over.prove', {
    summary: 'The code of a person who was handed over: an attempt like any other (R22).',
    schema: z.strictObject({ ...ofAccount, sessionId: opaqueId, ...oneCode }),
    reply: z.strictObject({}),
    example: { portal: 'demo', accountId: 'a1', sessionId: 's1', code: '492039' },
    replyExample: {},
  }),
  answerHandOver: request('identity', 'hand-over.answer', {
    summary: 'The gateway is about to be answered: the person can do nothing more. Again it changes nothing.',
    schema: ofSession,
    reply: z.strictObject({}),
    example: { portal: 'demo', accountId: 'a1', sessionId: 's1' },
    replyExample: {},
  }),
  endHandOver: request('identity', 'hand-over.end', {
    summary: 'The gateway has its answer: nothing of the session is left. Again it changes nothing.',
    schema: ofSession,
    reply: z.strictObject({}),
    example: { portal: 'demo', accountId: 'a1', sessionId: 's1' },
    replyExample: {},
  }),
  endSession: request('identity', 'session.end', {
    summary: 'The person logs out of this session, at an application. Again it changes nothing.',
    schema: ofSession,
    reply: z.strictObject({}),
    example: { portal: 'demo', accountId: 'a1', sessionId: 's1' },
    replyExample: {},
  }),
  introspectSession: request('identity', 'session.introspect', {
    summary: 'Whose session this is, by the SHA-256 of its token; type and rights are current.',
    schema: z.strictObject({ tokenHash: sha256 }),
    reply: z.discriminatedUnion('status', [
      z.strictObject({ status: z.literal('active'), session }),
      z.strictObject({ status: z.literal('ended') }),
      z.strictObject({ status: z.literal('unknown') }),
    ]),
    example: { tokenHash: '0'.repeat(64) },
    replyExample: {
      status: 'active',
      session: {
        sessionId: 's1',
        portal: 'demo',
        accountId: 'a1',
        username: 'alice',
        type: 'contributor',
        administrator: false,
        expiresAt: '2026-11-24T21:30:00.000Z',
        proof: { passwordAt: '2026-11-24T09:30:00.000Z', authenticatorId: null },
      },
    },
  }),
};

export const adminPolicyRequests = {
  describePortal: request('admin-policy', 'portal.describe', {
    summary: 'Whether there is such a portal.',
    schema: z.strictObject({ portal: portalId }),
    reply: z.strictObject({ exists: z.boolean() }),
    example: { portal: 'demo' },
    replyExample: { exists: true },
  }),
  introspectServiceToken: request('admin-policy', 'service-token.introspect', {
    summary: 'Whose service token this is, by the SHA-256 of the token.',
    schema: z.strictObject({ tokenHash: sha256 }),
    reply: z.discriminatedUnion('status', [
      z.strictObject({
        status: z.literal('active'),
        tokenId: opaqueId,
        portal: portalId,
        scopes: z.array(serviceScope),
      }),
      z.strictObject({ status: z.literal('unknown') }),
    ]),
    example: { tokenHash: '0'.repeat(64) },
    replyExample: { status: 'active', tokenId: 'v1', portal: 'demo', scopes: ['challenges'] },
  }),
  describeServiceToken: request('admin-policy', 'service-token.describe', {
    summary: 'What the sender with this token id may do and which key it signs with; valid tokens only.',
    schema: z.strictObject({ tokenId: opaqueId }),
    reply: z.discriminatedUnion('status', [
      z.strictObject({
        status: z.literal('active'),
        portal: portalId,
        scopes: z.array(serviceScope),
        publicKey: ed25519Jwk.nullable(),
      }),
      z.strictObject({ status: z.literal('unknown') }),
    ]),
    example: { tokenId: 'v1' },
    replyExample: { status: 'active', portal: 'demo', scopes: ['events'], publicKey: null },
  }),
  describeClient: request('admin-policy', 'client.describe', {
    summary:
      "What a client of the portal's OpenID Provider is registered with. `secretHash`, the SHA-256 of a secret that somebody has shown: unknown unless it is the client's.",
    schema: z.strictObject({ portal: portalId, clientId: opaqueId, secretHash: sha256.optional() }),
    reply: z.discriminatedUnion('status', [
      z.strictObject({ status: z.literal('active'), client: clientMetadata }),
      z.strictObject({ status: z.literal('unknown') }),
    ]),
    example: { portal: 'demo', clientId: 'cl1' },
    replyExample: {
      status: 'active',
      client: { name: 'intranet', redirectUris: ['https://app.example/callback'] },
    },
  }),
  openSsoSecret: request('admin-policy', 'sso-secret.open', {
    summary: "The secret of the portal's client at its identity provider; null: it is another one by now.",
    schema: z.strictObject({ portal: portalId, secretId: opaqueId }),
    reply: z.strictObject({ secret: z.string().nullable() }),
    example: { portal: 'demo', secretId: 'x3' },
    replyExample: { secret: '…' },
  }),
};

const describedKeys = {
  keys: [
    {
      id: 'k9',
      state: 'signing' as const,
      madeAt: '2026-11-24T09:30:00.000Z',
      signsFrom: '2026-11-24T09:30:00.000Z',
    },
  ],
};
export const openidRequests = {
  describeSigningKeys: request('openid', 'signing-keys.describe', {
    summary: 'The keys that ID tokens are signed with, by their ids; for the operator.',
    schema: z.strictObject({}),
    reply: signingKeys,
    example: {},
    replyExample: describedKeys,
  }),
  rotateSigningKeys: request('openid', 'signing-keys.rotate', {
    summary: 'Make a new one. Replies when it is published by every instance.',
    schema: signingKeyRotation,
    reply: signingKeys,
    example: {},
    replyExample: describedKeys,
  }),
};

export const notifyRequests = {
  mailPasswordLink: request('notify', 'password-link.mail', {
    summary:
      'Mail a link by which a person sets a password (R43). Replies when the mail server has accepted it; the link is kept nowhere. `emailSince`: of the address that it is meant for; `no-mail` where the account has another by now.',
    schema: z.strictObject({
      ...ofAccount,
      emailSince: timestamp,
      url: z.url({ protocol: /^https?$/ }).max(2048),
      expiresAt: timestamp,
    }),
    reply: z.strictObject({}),
    example: {
      portal: 'demo',
      accountId: 'a1',
      emailSince: '2026-11-17T09:30:00.000Z',
      url: 'https://portal.example/console/password#…',
      expiresAt: '2026-11-25T09:30:00.000Z',
    },
    replyExample: {},
  }),
};

/** Of a page of 200 events, each with two parts. */
export const MOST_OPENED = 400;
const opened = (app: SourceApp) =>
  request(app, 'personal.open', {
    summary: 'Opens what is personal in events of this app; null where its key was destroyed (R42).',
    schema: z.strictObject({
      portal: portalId,
      sealed: z.array(sealedText.extend({ eventId: opaqueId })).max(MOST_OPENED),
    }),
    reply: z.strictObject({ opened: z.array(z.string().nullable()) }),
    example: { portal: 'demo', sealed: [{ eventId: 'c1.1', kid: 'a1/2026-11', ciphertext: 'AAAA' }] },
    replyExample: { opened: ['{"address":"192.0.2.1"}'] },
  });
export const personalRequests = {
  'two-factor': opened('two-factor'),
  identity: opened('identity'),
  'admin-policy': opened('admin-policy'),
};

/**
 * Has the app adopted what that stream holds (R28)? Replies when it has;
 * the problem `not-yet-effective` after 5 seconds.
 */
const adopted = (app: SourceApp) =>
  request(app, 'adopted', {
    summary: 'Answers once this app has adopted those events of the stream that it acts on.',
    schema: z.strictObject({
      source: z.enum(sourceApps),
      stream: streamName,
      versions: z
        .record(z.string().max(64), z.int().positive())
        .meta({ description: 'Of the last event of each name that the stream holds.' }),
    }),
    reply: z.strictObject({}),
    example: { source: 'admin-policy', stream: 'demo', versions: { SettingsChanged: 3 } },
    replyExample: {},
  });
export const adoptedRequests = {
  'two-factor': adopted('two-factor'),
  identity: adopted('identity'),
  'admin-policy': adopted('admin-policy'),
};

const describedStatus = (app: Exclude<AppName, 'admin-policy'>) =>
  request(app, 'status', {
    summary: 'How the instance is that answers; for the operator.',
    schema: z.strictObject({}),
    reply: appStatus,
    example: {},
    replyExample: {
      status: 'ok',
      version: '1.0.0',
      consumers: [{ source: 'admin-policy', lag: 0, stalled: false }],
      deadLetters: { count: 0, newest: [] },
      mails: false,
    },
  });
/** Of all apps but the one that tells the operator. */
export const statusRequests = {
  identity: describedStatus('identity'),
  'two-factor': describedStatus('two-factor'),
  audit: describedStatus('audit'),
  openid: describedStatus('openid'),
  notify: describedStatus('notify'),
};
