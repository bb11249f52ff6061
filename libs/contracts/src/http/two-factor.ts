import { z } from 'zod';
import {
  accountName,
  authenticatorKind,
  authenticatorName,
  challengeAnswer,
  challengePassed,
  enrolmentStatus,
  notConfigurableReason,
  oneCode,
  opaqueId,
  portalId,
  timestamp,
  typedCode,
  withOneCode,
} from '../primitives.js';
import { portalProfile, withoutDefaults } from '../events/admin-policy.js';
import { backupCodes as ofTheRules, MAX_CHALLENGE, MAX_USER_AGENT } from '../limits.js';
import { endpoint } from './endpoint.js';

const app = 'two-factor';
const notConfigurable = ['contributors-only', 'add-on-required', 'portal-off'] as const;
const backupCodes = z
  .array(z.string())
  .length(ofTheRules.ofASet)
  .meta({ description: 'Shown only once, in groups of four.' });
const setupId = opaqueId.meta({ description: 'Identifies this setup; starting over creates a new one.' });
const setup = z
  .strictObject({
    otpauthUri: z.string().meta({ description: '`otpauth://totp/` key URI' }),
    manualKey: z.string().meta({ description: 'The secret in Base32, in groups of four.' }),
    qrCode: z.string().meta({ description: 'The URI as a QR code (SVG data URI).' }),
    setupId,
  })
  .meta({ id: 'Setup' });

const authenticator = z
  .strictObject({
    id: opaqueId,
    kind: authenticatorKind,
    name: z.string().meta({ example: 'Work phone' }),
    addedAt: timestamp,
    lastUsedAt: timestamp.optional(),
  })
  .meta({ id: 'Authenticator' });
const ofAuthenticator = z.strictObject({ authenticatorId: opaqueId });

/** Where the gateway's user is, by the gateway's word: told with the events of the challenge (R46), sealed like all of it. */
const toldClient = z
  .strictObject({
    address: z.union([z.ipv4(), z.ipv6()]).optional(),
    userAgent: z
      .string()
      .min(1)
      .max(MAX_USER_AGENT)
      .regex(/^[^\p{Cc}\p{Cs}]+$/u, 'must have no control characters')
      .optional(),
  })
  .meta({ id: 'ToldClient' });

export const twoFactorEndpoints = {
  myTwoFactor: endpoint(app, 'myTwoFactor', 'GET /v1/me/two-factor', {
    summary: 'Get the state of my two-factor authentication.',
    allow: ['session'],
    enrolling: true,
    handOverFor: 'pass',
    reply: z.strictObject({
      status: enrolmentStatus,
      configurable: z.boolean(),
      reason: notConfigurableReason.optional(),
      backupCodesLeft: z.int().nonnegative(),
    }),
  }),
  setUp: endpoint(app, 'setUpTwoFactor', 'POST /v1/me/two-factor/setup', {
    summary: 'Start setup, or start over, with a new secret.',
    allow: ['session'],
    enrolling: true,
    handOverFor: 'pass',
    proof: 'in-turn',
    status: 201,
    reply: setup,
    errors: [...notConfigurable, 'already-enabled'],
  }),
  confirm: endpoint(app, 'confirmTwoFactor', 'POST /v1/me/two-factor/confirm', {
    summary:
      'Enable 2FA with a correct code of the pending secret. If a code would be correct at another time within ten minutes, the answer has `clockOffSeconds`: how far the clock of the app is ahead. With `setupId`, only that setup is confirmed.',
    allow: ['session'],
    enrolling: true,
    handOverFor: 'pass',
    proof: 'in-turn',
    body: z.strictObject({ code: typedCode, setupId: setupId.optional() }),
    reply: z.strictObject({ status: z.literal('enabled'), backupCodes }),
    errors: [...notConfigurable, 'no-pending-setup', 'malformed-code', 'wrong-code'],
  }),
  disableMine: endpoint(app, 'disableMyTwoFactor', 'POST /v1/me/two-factor/disable', {
    summary: 'Disable my 2FA. Destroys the secret and the backup codes, and ends my other sessions.',
    allow: ['session'],
    handOverFor: 'manage',
    proof: 'in-turn',
    reply: z.strictObject({ status: z.literal('none') }),
    errors: [...notConfigurable, 'two-factor-not-enabled', 'not-yet-effective'],
  }),
  reset: endpoint(app, 'resetTwoFactor', 'POST /v1/me/two-factor/reset', {
    summary: 'Replace the secret. Destroys the old one and ends my other sessions.',
    allow: ['session'],
    handOverFor: 'manage',
    proof: 'in-turn',
    status: 201,
    reply: setup.extend({ status: z.literal('pending') }),
    errors: [...notConfigurable, 'two-factor-not-enabled', 'not-yet-effective'],
  }),
  issueBackupCodes: endpoint(app, 'issueBackupCodes', 'POST /v1/me/two-factor/backup-codes', {
    summary: 'Replace my backup codes with a new set.',
    allow: ['session'],
    handOverFor: 'manage',
    proof: 'in-turn',
    reply: z.strictObject({ backupCodes }),
    errors: [...notConfigurable, 'two-factor-not-enabled'],
  }),
  myAuthenticators: endpoint(app, 'myAuthenticators', 'GET /v1/me/authenticators', {
    summary: 'List my authenticators, in the order in which they were added.',
    allow: ['session'],
    handOverFor: 'manage',
    reply: z.strictObject({ authenticators: z.array(authenticator) }),
  }),
  addTotp: endpoint(app, 'addTotpAuthenticator', 'POST /v1/me/authenticators/totp', {
    summary: 'Start to add an authenticator app, or start over, with a secret of its own.',
    allow: ['session'],
    handOverFor: 'manage',
    proof: 'in-turn',
    body: z.strictObject({ name: authenticatorName }),
    status: 201,
    reply: setup,
    errors: [...notConfigurable, 'authenticator-limit'],
  }),
  confirmTotp: endpoint(app, 'confirmTotpAuthenticator', 'POST /v1/me/authenticators/totp/confirm', {
    summary:
      'Add the app with a correct code of the pending secret. The first one enables 2FA, and the answer has backup codes. `clockOffSeconds` and `setupId` as when setting up.',
    allow: ['session'],
    handOverFor: 'manage',
    proof: 'in-turn',
    body: z.strictObject({ code: typedCode, setupId: setupId.optional() }),
    reply: z.strictObject({ status: z.literal('enabled'), backupCodes: backupCodes.optional() }),
    errors: [...notConfigurable, 'no-pending-setup', 'malformed-code', 'wrong-code'],
  }),
  renameAuthenticator: endpoint(app, 'renameAuthenticator', 'PATCH /v1/me/authenticators/:authenticatorId', {
    summary: 'Give one of my authenticators another name.',
    idempotent: true,
    allow: ['session'],
    handOverFor: 'manage',
    proof: 'never',
    params: ofAuthenticator,
    body: z.strictObject({ name: authenticatorName }),
    reply: authenticator,
  }),
  removeAuthenticator: endpoint(app, 'removeAuthenticator', 'DELETE /v1/me/authenticators/:authenticatorId', {
    summary:
      'Remove one of my authenticators. Destroys its secret and ends my other sessions. Removing the last one disables 2FA.',
    allow: ['session'],
    handOverFor: 'manage',
    proof: 'in-turn',
    params: ofAuthenticator,
    errors: [...notConfigurable, 'not-yet-effective'],
  }),
  portalProfile: endpoint(app, 'getPortalProfile', 'GET /v1/portals/:portal/profile', {
    summary:
      'Get what anybody may see of a portal: its name, its language, whom to ask for help; null where it is not set. The ' +
      'same is said of a portal that does not exist. An answer may be a minute old.',
    allow: ['public'],
    params: z.strictObject({ portal: portalId }),
    reply: withoutDefaults(portalProfile).omit({ issuer: true }),
    cacheSeconds: 60,
  }),
  openChallenge: endpoint(app, 'openChallenge', 'POST /v1/portals/:portal/challenges', {
    summary:
      'Ask, as a gateway that has checked the password, whether a code is required. Where the portal requires 2FA and the person has none, the answer says until when it must be set up; afterwards it is refused.',
    idempotent: true,
    allow: ['service:challenges'],
    params: z.strictObject({ portal: portalId }),
    body: z.strictObject({ accountId: accountName, client: toldClient.optional() }),
    reply: challengeAnswer,
    errors: ['account-deleted', 'account-suspended', 'account-locked', 'enrolment-required'],
  }),
  verifyChallenge: endpoint(app, 'verifyChallenge', 'POST /v1/challenges/verify', {
    summary: 'Check the code for a challenge that the same service opened.',
    allow: ['service:challenges'],
    body: withOneCode(z.strictObject({ challenge: z.string().max(MAX_CHALLENGE), ...oneCode })),
    reply: challengePassed,
    errors: ['malformed-code', 'wrong-code', 'challenge-ended', 'account-suspended', 'account-locked'],
  }),
};
