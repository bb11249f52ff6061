import { z } from 'zod';
import {
  accountType,
  displayName,
  email,
  enrolmentStatus,
  exactlyOneCode,
  exactlyOneCodeMessage,
  newPassword,
  next,
  oneCode,
  opaqueId,
  pageQuery,
  portalId,
  ssoSubject,
  timestamp,
  typedPassword,
  username,
} from '../primitives.js';
import { backupCodes } from '../limits.js';
import { endpoint } from './endpoint.js';

const app = 'identity';
const inPortal = z.strictObject({ portal: portalId });
const ofAccount = z.strictObject({ portal: portalId, account: opaqueId });
const typedUsername = z.string().max(512).meta({ example: 'alice' });
const token = z.string().max(1024);

export const account = z
  .strictObject({
    id: opaqueId,
    username: z.string(),
    displayName: z.string().nullable(),
    email: z.string().nullable(),
    type: accountType,
    admin: z.boolean(),
    status: z.enum(['active', 'locked']),
    twoFactor: z.strictObject({ status: enrolmentStatus, backupCodesLeft: z.int().nonnegative() }),
  })
  .meta({ id: 'Account' });
export type Account = z.infer<typeof account>;
const ownAccount = account.extend({ portal: portalId }).meta({ id: 'OwnAccount' });

const complete = z.strictObject({ status: z.literal('complete'), accessToken: z.string(), expiresAt: timestamp });
const completeAfterCode = complete.extend({
  backupCodesLeft: z
    .int()
    .nonnegative()
    .optional()
    .meta({ description: `Present only if ${backupCodes.few} or fewer are left (R10).` }),
});
const codeRequired = z.strictObject({
  status: z.literal('code-required'),
  challenge: z.string(),
  expiresAt: timestamp,
});

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
    summary: 'Create an account.',
    allow: ['administrator'],
    proof: { bodyWith: { admin: [true] } },
    params: inPortal,
    body: z
      .strictObject({
        username,
        password: newPassword,
        displayName: displayName.optional(),
        email: email.optional(),
        type: accountType,
        admin: z.boolean().optional(),
      })
      .refine((body) => !(body.admin && body.type === 'power-reader'), {
        message: 'only Contributors can be administrators',
        path: ['admin'],
      }),
    status: 201,
    reply: z.strictObject({ id: opaqueId }),
    errors: ['username-taken'],
  }),
  listAccounts: endpoint(app, 'listAccounts', 'GET /v1/portals/:portal/accounts', {
    summary: 'List accounts, sorted by username. `query` searches in username, display name and email.',
    allow: ['administrator', 'operator'],
    params: inPortal,
    query: z.strictObject({ query: z.string().max(256).optional(), ...pageQuery }),
    reply: z.strictObject({ accounts: z.array(account), next }),
  }),
  getAccount: endpoint(app, 'getAccount', 'GET /v1/portals/:portal/accounts/:account', {
    summary: 'Get an account.',
    allow: ['administrator'],
    params: ofAccount,
    reply: account,
  }),
  changeAccount: endpoint(app, 'changeAccount', 'PATCH /v1/portals/:portal/accounts/:account', {
    summary: 'Change an account. An administrator who becomes a Power Reader is no longer an administrator.',
    allow: ['administrator'],
    proof: { bodyWith: { type: 'any value', email: 'any value', admin: 'any value', ssoSubject: 'any value' } },
    params: ofAccount,
    body: z
      .strictObject({
        type: accountType.optional(),
        displayName: displayName.nullable().optional(),
        email: email.nullable().optional(),
        admin: z.boolean().optional(),
        ssoSubject: ssoSubject.nullable().optional(),
      })
      .refine((body) => !(body.admin && body.type === 'power-reader'), {
        message: 'only Contributors can be administrators',
        path: ['admin'],
      }),
    reply: account,
    errors: ['last-administrator', 'sso-subject-taken'],
  }),
  issueLoginToken: endpoint(app, 'issueLoginToken', 'POST /v1/portals/:portal/accounts/:account/login-tokens', {
    summary: 'Issue a token for one login within 10 minutes.',
    allow: ['administrator'],
    proof: 'always',
    params: ofAccount,
    status: 201,
    reply: z.strictObject({ token: z.string(), expiresAt: timestamp }),
  }),
  me: endpoint(app, 'me', 'GET /v1/me', { summary: 'Get my account.', allow: ['session'], reply: ownAccount }),
  changePassword: endpoint(app, 'changePassword', 'POST /v1/me/password', {
    summary: 'Change my password. Ends all my other sessions.',
    allow: ['session'],
    proof: 'never',
    body: z.strictObject({ current: typedPassword, new: newPassword }),
    errors: ['invalid-credentials', 'too-many-attempts'],
  }),
  reAuthenticate: endpoint(app, 'reAuthenticate', 'POST /v1/me/re-authenticate', {
    summary: 'Confirm my identity for 10 minutes, with the password and, if 2FA is active, a code.',
    allow: ['session'],
    proof: 'never',
    body: z
      .strictObject({ password: typedPassword, ...oneCode })
      .refine((body) => body.code === undefined || body.backupCode === undefined, exactlyOneCodeMessage),
    reply: z.strictObject({ expiresAt: timestamp }),
    errors: [
      'invalid-credentials',
      're-authentication-required',
      'malformed-code',
      'wrong-code',
      'account-locked',
      'too-many-attempts',
    ],
  }),
  login: endpoint(app, 'login', 'POST /v1/login', {
    summary: 'Log in with username and password. The answer says whether a code is required.',
    allow: ['public'],
    body: z.strictObject({ portal: portalId, username: typedUsername, password: typedPassword }),
    reply: z.discriminatedUnion('status', [complete, codeRequired]),
    errors: ['invalid-credentials', 'account-locked', 'too-many-attempts'],
  }),
  loginWithCode: endpoint(app, 'loginWithCode', 'POST /v1/login/code', {
    summary: 'Complete a login with a code or a backup code.',
    allow: ['public'],
    body: z.strictObject({ challenge: token, ...oneCode }).refine(exactlyOneCode, exactlyOneCodeMessage),
    reply: completeAfterCode,
    errors: ['malformed-code', 'wrong-code', 'challenge-ended', 'account-locked'],
  }),
  loginWithToken: endpoint(app, 'loginWithToken', 'POST /v1/login/token', {
    summary: 'Log in with a login token.',
    allow: ['public'],
    body: z.strictObject({ portal: portalId, token }),
    reply: complete,
    errors: ['invalid-credentials', 'account-locked', 'too-many-attempts'],
  }),
  loginWithSso: endpoint(app, 'loginWithSso', 'POST /v1/login/sso', {
    summary: "Log in with an ID token of the portal's identity provider.",
    allow: ['public'],
    body: z.strictObject({ portal: portalId, idToken: z.string().max(16_384) }),
    reply: complete,
    errors: ['invalid-credentials', 'account-locked', 'too-many-attempts'],
  }),
  logout: endpoint(app, 'logout', 'POST /v1/logout', {
    summary: 'Log out: end this session.',
    allow: ['session'],
    proof: 'never',
  }),
};
