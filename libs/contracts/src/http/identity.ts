import { z } from 'zod';
import {
  accountName,
  accountStatus,
  accountType,
  displayName,
  email,
  enrolment,
  enrolmentDue,
  enrolmentStatus,
  externalId,
  newPassword,
  next,
  oneCode,
  opaqueId,
  pageQuery,
  portalId,
  repeated,
  sessionMethod,
  ssoSubject,
  timestamp,
  typedPassword,
  username,
  withOneCode,
  withOneCodeAtMost,
} from '../primitives.js';
import { backupCodes } from '../limits.js';
import { BATCH_BODY_BYTES, batchBody, batchResult } from './batch.js';
import { endpoint, NDJSON } from './endpoint.js';
import { accountToImport, importResult } from './import.js';

const app = 'identity';
const inPortal = z.strictObject({ portal: portalId });
const ofAccount = z.strictObject({ portal: portalId, account: accountName });
const typedUsername = z.string().max(512).meta({ example: 'alice' });
const token = z.string().max(1024);

export const account = z
  .strictObject({
    id: opaqueId,
    username: z.string(),
    displayName: z.string().nullable(),
    email: z.string().nullable(),
    externalId: z.string().optional(),
    ssoSubject: z.string().optional().meta({
      description: 'Of one account, to an administrator, if it is of the provider that the portal trusts now.',
    }),
    hasPassword: z.boolean(),
    type: accountType,
    admin: z.boolean(),
    status: accountStatus,
    suspendedAt: timestamp.optional(),
    lockedAt: timestamp.optional(),
    lockEndsAt: timestamp.optional().meta({ description: 'Missing: an administrator ends the lock.' }),
    failedAttempts: z.int().nonnegative().meta({ description: 'Failed attempts since the last one that passed.' }),
    lastLoginAt: timestamp.optional().meta({ description: 'Of the last session; a check by a gateway is none.' }),
    twoFactor: z.strictObject({ status: enrolmentStatus, backupCodesLeft: z.int().nonnegative() }),
    graceEndsAt: timestamp.optional().meta({
      description: 'Only where 2FA is required and not set up: until when it must be, if that time has begun.',
    }),
  })
  .meta({ id: 'Account' });
export type Account = z.infer<typeof account>;

/** How a list of accounts is sorted. */
const accountOrder = z.enum(['username', '-lastLoginAt']);

const counted = z.int().nonnegative();
export const twoFactorSummary = z
  .strictObject({
    contributors: counted,
    enabled: counted,
    pending: counted,
    none: counted,
    locked: counted.meta({ description: 'Suspended ones too.' }),
    suspended: counted,
    required: z
      .strictObject({ overdue: counted, inGrace: counted, notStarted: counted })
      .meta({ description: 'Who must set up 2FA; all 0 while it is not required.' }),
  })
  .meta({ id: 'TwoFactorSummary' });
export type TwoFactorSummary = z.infer<typeof twoFactorSummary>;
const ownAccount = account
  .extend({
    portal: portalId,
    enrolmentRequired: z
      .literal(true)
      .optional()
      .meta({ description: 'This session can only set up 2FA, re-authenticate and log out.' }),
  })
  .meta({ id: 'OwnAccount' });

const sessions = z
  .strictObject({
    sessions: z.array(
      z.strictObject({
        id: opaqueId,
        createdAt: timestamp,
        lastSeenAt: timestamp.meta({ description: 'To the minute.' }),
        method: sessionMethod,
        address: z.string().optional(),
        userAgent: z.string().optional(),
        current: z.literal(true).optional().meta({ description: 'It is the session of this request.' }),
      }),
    ),
  })
  .meta({ id: 'Sessions' });

const browsers = z
  .strictObject({
    browsers: z.array(
      z.strictObject({
        id: opaqueId,
        createdAt: timestamp,
        lastSeenAt: timestamp.meta({ description: 'Of its last login.' }),
        expiresAt: timestamp,
        address: z.string().optional().meta({ description: 'Of its last login.' }),
        userAgent: z.string().optional(),
        current: z.literal(true).optional().meta({ description: 'The session of this request began there.' }),
      }),
    ),
  })
  .meta({ id: 'Browsers' });
/** Keeps a login from being asked for a code; what is too long was never one. */
const browserToken = z.string().max(1024);
const remembered = {
  browserToken: browserToken.optional().meta({
    description:
      'Only of a login by password or code, where this browser is remembered: send it with the next login by password, in place of the one of before.',
  }),
  browserExpiresAt: timestamp.optional().meta({ description: 'Until when, if the portal goes on as it is.' }),
};

const complete = z
  .strictObject({
    status: z.literal('complete'),
    accessToken: z.string(),
    expiresAt: timestamp,
    enrolment: enrolment.optional().meta({
      description:
        'Only of a login by password, or by a token that the person has issued to themselves, where 2FA is required and not set up.',
    }),
    ...remembered,
  })
  .meta({ id: 'LoginComplete' });
const completeAfterCode = complete.extend({
  backupCodesLeft: z
    .int()
    .nonnegative()
    .optional()
    .meta({ description: `Present only if ${backupCodes.few} or fewer are left (R10).` }),
});
const enrolmentRequired = z
  .strictObject({ status: z.literal('enrolment-required'), accessToken: z.string(), expiresAt: timestamp })
  .meta({ id: 'LoginEnrolmentRequired' });
const codeRequired = z
  .strictObject({
    status: z.literal('code-required'),
    challenge: z.string(),
    expiresAt: timestamp,
    rememberDays: z
      .int()
      .positive()
      .optional()
      .meta({ description: 'For so many days the browser can be remembered; missing: it cannot.' }),
  })
  .meta({ id: 'LoginCodeRequired' });

export const identityEndpoints = {
  createPortal: endpoint(app, 'createPortal', 'POST /v1/portals', {
    summary: 'Create a portal with its first administrator.',
    allow: ['operator'],
    body: z.strictObject({ id: portalId, admin: z.strictObject({ username, password: newPassword }) }),
    status: 201,
    reply: z.strictObject({ id: portalId }),
    errors: ['portal-exists'],
  }),
  registerAccount: endpoint(app, 'registerAccount', 'POST /v1/portals/:portal/accounts', {
    summary:
      'Create an account. Without a password, people prove the first factor elsewhere. The same call again, with the same `externalId` and username, answers with the same account.',
    idempotent: { bodyWith: 'externalId', without: 'password' },
    allow: ['administrator', 'service:accounts'],
    proof: { bodyWith: { admin: [true] } },
    closedToServices: ['password', 'admin'],
    params: inPortal,
    body: z
      .strictObject({
        username,
        password: newPassword.optional(),
        displayName: displayName.optional(),
        email: email.optional(),
        externalId: externalId.optional(),
        type: accountType,
        admin: z.boolean().optional(),
      })
      .refine((body) => !(body.admin && body.type === 'power-reader'), {
        message: 'only Contributors can be administrators',
        path: ['admin'],
      }),
    status: 201,
    reply: z.strictObject({ id: opaqueId }),
    errors: ['username-taken', 'external-id-taken'],
  }),
  registerBatch: endpoint(app, 'registerBatch', 'POST /v1/portals/:portal/accounts/batch', {
    summary:
      'Create or change up to 1,000 accounts, each by itself; the same call again changes nothing. Results are in the order of the accounts. Service tokens cannot change administrators, nor the type of an account.',
    idempotent: true,
    allow: ['administrator', 'service:accounts'],
    proof: 'always',
    params: inPortal,
    body: batchBody,
    bodyBytes: BATCH_BODY_BYTES,
    reply: z.strictObject({ results: z.array(batchResult) }),
  }),
  importAccounts: endpoint(app, 'importAccounts', 'POST /v1/portals/:portal/import', {
    summary:
      'Import accounts with their second factors and password hashes: an account on each line (`AccountToImport`), answered by a line (`ImportResult`), in order. Each line is all or nothing. An account that exists is not changed. The same call again goes on where the first one ended. Send and read at the same time: who reads nothing for 30 seconds, or sends nothing, is cut off.',
    idempotent: true,
    allow: ['operator'],
    params: inPortal,
    query: z.strictObject({
      dryRun: z
        .enum(['true', 'false'])
        .default('false')
        .meta({ description: '`true`: the same answers, and nothing is written.' }),
    }),
    lines: { body: accountToImport, reply: importResult },
    reply: z.string(),
    produces: [NDJSON],
  }),
  listAccounts: endpoint(app, 'listAccounts', 'GET /v1/portals/:portal/accounts', {
    summary:
      'List accounts, sorted by username or by last login, the latest first. `query` searches in username, display name and email; `id` picks accounts, and passes over ids that there are not. A page goes on where the last one ended, whatever came or went. A service token does not see administrators.',
    allow: ['administrator', 'operator', 'service:accounts'],
    params: inPortal,
    query: z.strictObject({
      query: z.string().max(256).optional(),
      id: repeated(opaqueId, 200),
      externalId: externalId.optional(),
      status: accountStatus.optional().meta({ description: '`suspended` comes before `locked`.' }),
      twoFactor: enrolmentStatus.optional(),
      required: enrolmentDue.optional().meta({ description: 'Who must set up 2FA; nobody while it is not required.' }),
      type: accountType.optional(),
      sort: accountOrder.optional(),
      ...pageQuery,
    }),
    reply: z.strictObject({ accounts: z.array(account), next }),
  }),
  getTwoFactorSummary: endpoint(app, 'getTwoFactorSummary', 'GET /v1/portals/:portal/two-factor/summary', {
    summary:
      'How many Contributors the portal has, and how many of them have 2FA, must set it up, are locked, are suspended.',
    allow: ['administrator', 'operator'],
    params: inPortal,
    reply: twoFactorSummary,
  }),
  getAccount: endpoint(app, 'getAccount', 'GET /v1/portals/:portal/accounts/:account', {
    summary: 'Get an account. A service token does not see administrators.',
    allow: ['administrator', 'service:accounts'],
    params: ofAccount,
    reply: account,
  }),
  changeAccount: endpoint(app, 'changeAccount', 'PATCH /v1/portals/:portal/accounts/:account', {
    summary:
      'Change an account. An administrator who becomes a Power Reader is no longer an administrator. Service tokens cannot change administrators.',
    allow: ['administrator', 'service:accounts'],
    proof: {
      bodyWith: {
        type: 'any value',
        email: 'any value',
        admin: 'any value',
        externalId: 'any value',
        ssoSubject: 'any value',
      },
    },
    closedToServices: ['type', 'admin', 'externalId', 'ssoSubject'],
    params: ofAccount,
    body: z
      .strictObject({
        username: username.optional(),
        type: accountType.optional(),
        displayName: displayName.nullable().optional(),
        email: email.nullable().optional(),
        admin: z.boolean().optional(),
        externalId: externalId.nullable().optional(),
        ssoSubject: ssoSubject
          .nullable()
          .optional()
          .meta({ description: 'At the provider that the portal trusts now; 400 if it has none.' }),
      })
      .refine((body) => !(body.admin && body.type === 'power-reader'), {
        message: 'only Contributors can be administrators',
        path: ['admin'],
      }),
    reply: account,
    errors: ['last-administrator', 'username-taken', 'external-id-taken', 'sso-subject-taken'],
  }),
  issueLoginToken: endpoint(app, 'issueLoginToken', 'POST /v1/portals/:portal/accounts/:account/login-tokens', {
    summary: 'Issue a token for one login within 10 minutes.',
    allow: ['administrator'],
    proof: 'always',
    params: ofAccount,
    status: 201,
    reply: z.strictObject({ token: z.string(), expiresAt: timestamp }),
  }),
  issuePasswordLink: endpoint(app, 'issuePasswordLink', 'POST /v1/portals/:portal/accounts/:account/password-links', {
    summary:
      'Make a link by which the person sets a password: one use, 24 hours. Shown to the operator; for an administrator, who never sees it, it is mailed to the person, and 409 says that it cannot be: there is no mail, or no address that is older than 7 days.',
    allow: ['administrator', 'operator'],
    proof: 'always',
    params: ofAccount,
    status: 201,
    reply: z.union([
      z.strictObject({ sent: z.literal(true).meta({ description: 'The mail server has accepted the mail.' }) }),
      z.strictObject({
        url: z.string().meta({ description: 'With the token in the fragment; a path where PUBLIC_URL is not set.' }),
        expiresAt: timestamp,
      }),
    ]),
    errors: ['no-mail', 'account-suspended', 'account-locked'],
  }),
  redeemPasswordLink: endpoint(app, 'redeemPasswordLink', 'POST /v1/password-links/redeem', {
    summary:
      'Set a password by a link. Ends all sessions and remembered browsers of the account, and changes nothing of its 2FA.',
    allow: ['public'],
    body: z.strictObject({ token, password: newPassword }),
    errors: ['invalid-credentials', 'account-suspended', 'account-locked'],
  }),
  suspendAccount: endpoint(app, 'suspendAccount', 'POST /v1/portals/:portal/accounts/:account/suspend', {
    summary:
      'Suspend an account: nobody can log in to it until it is resumed. Ends its sessions, challenges and login tokens for good. Service tokens cannot suspend administrators.',
    idempotent: true,
    allow: ['administrator', 'service:accounts'],
    proof: 'always',
    params: ofAccount,
    reply: z.strictObject({ status: accountStatus }),
    errors: ['last-administrator', 'not-yet-effective'],
  }),
  resumeAccount: endpoint(app, 'resumeAccount', 'POST /v1/portals/:portal/accounts/:account/resume', {
    summary: 'Resume a suspended account. A locked one stays locked: the answer has the status that remains.',
    allow: ['administrator', 'service:accounts'],
    proof: 'always',
    params: ofAccount,
    reply: z.strictObject({ status: accountStatus }),
    errors: ['not-yet-effective'],
  }),
  deleteAccount: endpoint(app, 'deleteAccount', 'DELETE /v1/portals/:portal/accounts/:account', {
    summary:
      'Delete an account for good: its credentials, second factor and keys are destroyed, and what is personal in its events can no longer be read. Its username is free again. Service tokens cannot delete administrators.',
    allow: ['administrator', 'service:erasure', 'operator'],
    proof: 'always',
    params: ofAccount,
    errors: ['last-administrator', 'not-yet-effective'],
  }),
  listSessions: endpoint(app, 'listSessions', 'GET /v1/portals/:portal/accounts/:account/sessions', {
    summary: 'List the open sessions of an account, the newest 200, newest first.',
    allow: ['administrator'],
    params: ofAccount,
    reply: sessions,
  }),
  endSessions: endpoint(app, 'endSessions', 'DELETE /v1/portals/:portal/accounts/:account/sessions', {
    summary: 'End all sessions of an account, and with them its open logins and login tokens.',
    allow: ['administrator'],
    proof: 'never',
    params: ofAccount,
  }),
  endSession: endpoint(app, 'endSession', 'DELETE /v1/portals/:portal/accounts/:account/sessions/:session', {
    summary: 'End a session of an account.',
    allow: ['administrator'],
    proof: 'never',
    params: ofAccount.extend({ session: opaqueId }),
  }),
  listBrowsers: endpoint(app, 'listBrowsers', 'GET /v1/portals/:portal/accounts/:account/browsers', {
    summary: 'List the remembered browsers of an account, the last used first.',
    allow: ['administrator'],
    params: ofAccount,
    reply: browsers,
  }),
  forgetBrowsers: endpoint(app, 'forgetBrowsers', 'DELETE /v1/portals/:portal/accounts/:account/browsers', {
    summary: 'Forget all remembered browsers of an account. Its sessions go on.',
    allow: ['administrator'],
    proof: 'never',
    params: ofAccount,
  }),
  forgetBrowser: endpoint(app, 'forgetBrowser', 'DELETE /v1/portals/:portal/accounts/:account/browsers/:browser', {
    summary: 'Forget a remembered browser of an account.',
    allow: ['administrator'],
    proof: 'never',
    params: ofAccount.extend({ browser: opaqueId }),
  }),
  me: endpoint(app, 'me', 'GET /v1/me', {
    summary: 'Get my account.',
    allow: ['session'],
    enrolling: true,
    reply: ownAccount,
  }),
  mySessions: endpoint(app, 'mySessions', 'GET /v1/me/sessions', {
    summary: 'List my open sessions, the newest 200, newest first.',
    allow: ['session'],
    reply: sessions,
  }),
  endMyOtherSessions: endpoint(app, 'endMyOtherSessions', 'DELETE /v1/me/sessions', {
    summary: 'End all my sessions but this one, and with them my open logins and login tokens.',
    allow: ['session'],
    proof: 'never',
  }),
  endMySession: endpoint(app, 'endMySession', 'DELETE /v1/me/sessions/:session', {
    summary: 'End one of my sessions.',
    allow: ['session'],
    proof: 'never',
    params: z.strictObject({ session: opaqueId }),
  }),
  myBrowsers: endpoint(app, 'myBrowsers', 'GET /v1/me/browsers', {
    summary: 'List my remembered browsers, the last used first.',
    allow: ['session'],
    reply: browsers,
  }),
  forgetMyBrowsers: endpoint(app, 'forgetMyBrowsers', 'DELETE /v1/me/browsers', {
    summary: 'Forget all my remembered browsers. My sessions go on.',
    allow: ['session'],
    proof: 'never',
  }),
  forgetMyBrowser: endpoint(app, 'forgetMyBrowser', 'DELETE /v1/me/browsers/:browser', {
    summary: 'Forget one of my remembered browsers.',
    allow: ['session'],
    proof: 'never',
    params: z.strictObject({ browser: opaqueId }),
  }),
  changePassword: endpoint(app, 'changePassword', 'POST /v1/me/password', {
    summary: 'Change my password. Ends all my other sessions and remembered browsers.',
    allow: ['session'],
    proof: 'never',
    body: z.strictObject({ current: typedPassword, new: newPassword }),
    errors: ['invalid-credentials', 'account-suspended', 'too-many-attempts'],
  }),
  reAuthenticate: endpoint(app, 'reAuthenticate', 'POST /v1/me/re-authenticate', {
    summary: 'Confirm my identity for 10 minutes, with the password and, if 2FA is active, a code.',
    allow: ['session'],
    enrolling: true,
    proof: 'never',
    body: withOneCodeAtMost(z.strictObject({ password: typedPassword, ...oneCode })),
    reply: z.strictObject({ expiresAt: timestamp }),
    errors: [
      'invalid-credentials',
      're-authentication-required',
      'malformed-code',
      'wrong-code',
      'account-suspended',
      'account-locked',
      'too-many-attempts',
    ],
  }),
  login: endpoint(app, 'login', 'POST /v1/login', {
    summary:
      'Log in with username and password. The answer says whether a code is required. Where the portal requires 2FA and the person has none, it says until when it must be set up; afterwards the session can only set up 2FA, re-authenticate and log out.',
    allow: ['public'],
    body: z.strictObject({
      portal: portalId,
      username: typedUsername,
      password: typedPassword,
      browserToken: browserToken.optional().meta({
        description:
          'Of a browser that is remembered: then no code is asked for, and the answer has the next token. One that is not good is passed over; one that was replaced long before ends the browser.',
      }),
    }),
    reply: z.discriminatedUnion('status', [complete, codeRequired, enrolmentRequired]),
    errors: ['invalid-credentials', 'account-suspended', 'account-locked', 'too-many-attempts'],
  }),
  loginWithCode: endpoint(app, 'loginWithCode', 'POST /v1/login/code', {
    summary: 'Complete a login with a code or a backup code.',
    allow: ['public'],
    body: withOneCode(
      z.strictObject({
        challenge: token,
        ...oneCode,
        remember: z.boolean().optional().meta({
          description: 'Remember this browser, if the portal lets people: the answer then has its token.',
        }),
      }),
    ),
    reply: completeAfterCode,
    errors: ['malformed-code', 'wrong-code', 'challenge-ended', 'account-suspended', 'account-locked'],
  }),
  loginWithToken: endpoint(app, 'loginWithToken', 'POST /v1/login/token', {
    summary: 'Log in with a login token.',
    allow: ['public'],
    body: z.strictObject({ portal: portalId, token }),
    reply: z.discriminatedUnion('status', [complete, enrolmentRequired]),
    errors: ['invalid-credentials', 'account-suspended', 'account-locked', 'too-many-attempts'],
  }),
  loginWithSso: endpoint(app, 'loginWithSso', 'POST /v1/login/sso', {
    summary: "Log in with an ID token of the portal's identity provider.",
    allow: ['public'],
    body: z.strictObject({ portal: portalId, idToken: z.string().max(16_384) }),
    reply: complete,
    errors: ['invalid-credentials', 'account-suspended', 'account-locked', 'too-many-attempts'],
  }),
  getSsoProvider: endpoint(app, 'getSsoProvider', 'GET /v1/portals/:portal/sso', {
    summary:
      'By which identity provider people can log in at the console: its host. Null: by none, or there is no such portal.',
    allow: ['public'],
    params: inPortal,
    reply: z.strictObject({ provider: z.string().nullable() }),
  }),
  startSsoLogin: endpoint(app, 'startSsoLogin', 'POST /v1/login/sso/start', {
    summary:
      "Begin a login by the portal's identity provider (OpenID Connect, authorization code flow with PKCE), which ends at the console: `<PUBLIC_URL>/console/sso/callback/<portal>`.",
    allow: ['public'],
    body: z.strictObject({ portal: portalId }),
    reply: z.strictObject({
      authorizationUrl: z.string().meta({ description: 'Where the browser goes on.' }),
      ssoLogin: token.meta({ description: 'Completes the login, once. The console keeps it where no script sees it.' }),
      expiresAt: timestamp,
    }),
    errors: ['not-found', 'too-many-attempts'],
  }),
  completeSsoLogin: endpoint(app, 'completeSsoLogin', 'POST /v1/login/sso/complete', {
    summary: 'Complete a login with what the identity provider has sent the browser back with.',
    allow: ['public'],
    body: z.strictObject({
      portal: portalId.meta({ description: 'To whose redirect URI the browser was sent back.' }),
      ssoLogin: token,
      code: z.string().min(1).max(8192),
      state: z.string().max(512),
      iss: z.string().max(2048).optional().meta({ description: 'RFC 9207.' }),
    }),
    reply: complete,
    errors: ['invalid-credentials', 'challenge-ended', 'account-suspended', 'account-locked', 'too-many-attempts'],
  }),
  logout: endpoint(app, 'logout', 'POST /v1/logout', {
    summary: 'Log out: end this session.',
    allow: ['session'],
    enrolling: true,
    proof: 'never',
  }),
};
