import { z } from 'zod';
import {
  codeMethod,
  enrolmentStatus,
  exactlyOneCode,
  exactlyOneCodeMessage,
  notConfigurableReason,
  oneCode,
  opaqueId,
  portalId,
  timestamp,
  typedCode,
} from '../primitives.js';
import { backupCodes as ofTheRules } from '../rules.js';
import { endpoint } from './endpoint.js';

const app = 'two-factor';
const notConfigurable = ['contributors-only', 'add-on-required', 'portal-off'] as const;
const backupCodes = z
  .array(z.string())
  .length(ofTheRules.ofASet)
  .meta({ description: 'Shown this once, in groups of four.' });
const setupId = opaqueId.meta({ description: 'Of this setup; one that is started again has another.' });
const setup = z
  .strictObject({
    otpauthUri: z.string().meta({ description: '`otpauth://totp/` key URI' }),
    manualKey: z.string().meta({ description: 'The secret in Base32, in groups of four.' }),
    qrCode: z.string().meta({ description: 'The URI as a QR code: SVG data URI.' }),
    setupId,
  })
  .meta({ id: 'Setup' });

export const twoFactorEndpoints = {
  myTwoFactor: endpoint(app, 'myTwoFactor', 'GET /v1/me/two-factor', {
    summary: 'State of my two-factor authentication.',
    allow: ['session'],
    reply: z.strictObject({
      status: enrolmentStatus,
      configurable: z.boolean(),
      reason: notConfigurableReason.optional(),
      backupCodesLeft: z.int().nonnegative(),
    }),
  }),
  setUp: endpoint(app, 'setUpTwoFactor', 'POST /v1/me/two-factor/setup', {
    summary: 'Start setting up, or start again: a new secret.',
    allow: ['session'],
    proof: 'in-turn',
    status: 201,
    reply: setup,
    errors: [...notConfigurable, 'already-enabled'],
  }),
  confirm: endpoint(app, 'confirmTwoFactor', 'POST /v1/me/two-factor/confirm', {
    summary:
      'Enable 2FA by a right code of the pending secret. A wrong one that is right within ten minutes of now is answered with `clockOffSeconds`: how far the clock of the app is ahead. With `setupId` no other setup is confirmed than that one.',
    allow: ['session'],
    proof: 'in-turn',
    body: z.strictObject({ code: typedCode, setupId: setupId.optional() }),
    reply: z.strictObject({ status: z.literal('enabled'), backupCodes }),
    errors: [...notConfigurable, 'no-pending-setup', 'malformed-code', 'wrong-code'],
  }),
  disableMine: endpoint(app, 'disableMyTwoFactor', 'POST /v1/me/two-factor/disable', {
    summary: 'Disable my 2FA; the secret and the backup codes are destroyed. Ends my other sessions.',
    allow: ['session'],
    proof: 'in-turn',
    reply: z.strictObject({ status: z.literal('none') }),
    errors: [...notConfigurable, 'two-factor-not-enabled', 'not-yet-effective'],
  }),
  reset: endpoint(app, 'resetTwoFactor', 'POST /v1/me/two-factor/reset', {
    summary: 'A new secret; the old one is destroyed. Ends my other sessions.',
    allow: ['session'],
    proof: 'in-turn',
    status: 201,
    reply: setup.extend({ status: z.literal('pending') }),
    errors: [...notConfigurable, 'two-factor-not-enabled', 'not-yet-effective'],
  }),
  issueBackupCodes: endpoint(app, 'issueBackupCodes', 'POST /v1/me/two-factor/backup-codes', {
    summary: 'A new set of backup codes; the old one ends.',
    allow: ['session'],
    proof: 'in-turn',
    reply: z.strictObject({ backupCodes }),
    errors: [...notConfigurable, 'two-factor-not-enabled'],
  }),
  openChallenge: endpoint(app, 'openChallenge', 'POST /v1/portals/:portal/challenges', {
    summary: 'For a gateway that has checked the password: is a code needed?',
    allow: ['service:challenges'],
    params: z.strictObject({ portal: portalId }),
    body: z.strictObject({ accountId: opaqueId }),
    reply: z.discriminatedUnion('required', [
      z.strictObject({ required: z.literal(false) }),
      z.strictObject({ required: z.literal(true), challenge: z.string(), expiresAt: timestamp }),
    ]),
    errors: ['account-locked'],
  }),
  verifyChallenge: endpoint(app, 'verifyChallenge', 'POST /v1/challenges/verify', {
    summary: 'The code for a challenge that the same service opened.',
    allow: ['service:challenges'],
    body: z.strictObject({ challenge: z.string().max(1024), ...oneCode }).refine(exactlyOneCode, exactlyOneCodeMessage),
    reply: z.strictObject({
      passed: z.literal(true),
      accountId: opaqueId,
      method: codeMethod,
      backupCodesLeft: z.int().nonnegative().optional(),
    }),
    errors: ['malformed-code', 'wrong-code', 'challenge-ended', 'account-locked'],
  }),
};
