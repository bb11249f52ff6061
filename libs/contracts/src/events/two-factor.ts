import { z } from 'zod';
import { authenticatorKind, codeMethod, opaqueId, timestamp, totpParameters } from '../primitives.js';
import { type DomainEvents, eventsOf } from './event.js';

const event = eventsOf('two-factor');
const count = z.int().nonnegative();
const timeStep = z
  .int()
  .nonnegative()
  .meta({ description: 'RFC 6238 time step T: Unix seconds divided by the period of the authenticator (30).' });
const secretId = opaqueId.meta({ description: 'Of the secret, and of the authenticator app that has it.' });
const authenticatorId = opaqueId;

/** What people call an authenticator, in words of their own: sealed like all that is personal (R42). */
export const authenticatorPerson = z.strictObject({ authenticatorName: z.string() });
export type AuthenticatorPerson = z.infer<typeof authenticatorPerson>;
/** Without it, it has no name yet. */
const named = { person: authenticatorPerson.optional() };
const importId = opaqueId.meta({ description: 'Of the line of an import; `AccountRegistered` has it too.' });
const purpose = z.enum(['login', 'gateway', 'proof']);
const sessionId = opaqueId.meta({ description: 'Id of the session that did this; never its token.' });
const enrolmentRequired = z
  .literal(true)
  .optional()
  .meta({ description: 'The time of grace is over: from here on the session can only set up 2FA (R37).' });
const graceEndsAt = timestamp.meta({ description: 'When the time of grace ends; nothing moves it.' });

export const twoFactorEvents = {
  SecretIssued: event(
    'SecretIssued',
    'A new secret was created; setup starts or starts over.',
    z.strictObject({
      secretId,
      reason: z.enum(['setup', 'reset', 'add']).meta({ description: '`add`: of one more authenticator app.' }),
      sessionId,
      totp: totpParameters.optional().meta({ description: 'Missing: SHA-1, six digits, 30 seconds.' }),
      enrolmentRequired,
    }),
    { secretId: 'k7', reason: 'setup', sessionId: 's1' },
    named,
  ),
  ConfirmationFailed: event(
    'ConfirmationFailed',
    'An incorrect code during setup; it does not count towards a lock.',
    z.strictObject({ secretId, failedConfirmations: count }),
    { secretId: 'k7', failedConfirmations: 1 },
  ),
  SetupFailed: event(
    'SetupFailed',
    'Ten incorrect codes ended the pending setup of an authenticator app; its secret was destroyed.',
    z.strictObject({ secretId, failedConfirmations: count }),
    { secretId: 'k7', failedConfirmations: 10 },
  ),
  TwoFactorEnabled: event(
    'TwoFactorEnabled',
    'The user confirmed a code; login now requires a code.',
    z.strictObject({ secretId, timeStep, sessionId }),
    { secretId: 'k7', timeStep: 59_471_940, sessionId: 's1' },
  ),
  AuthenticatorAdded: event(
    'AuthenticatorAdded',
    'The user confirmed a code of one more authenticator; any one of them passes.',
    z.strictObject({ authenticatorId, kind: authenticatorKind, timeStep: timeStep.optional(), sessionId }),
    { authenticatorId: 'k8', kind: 'totp', timeStep: 59_471_940, sessionId: 's1' },
    named,
  ),
  AuthenticatorRenamed: event(
    'AuthenticatorRenamed',
    'The user gave an authenticator another name.',
    z.strictObject({ authenticatorId }),
    { authenticatorId: 'k8' },
    named,
  ),
  AuthenticatorRemoved: event(
    'AuthenticatorRemoved',
    'The user removed one of several authenticators; its secret was destroyed.',
    z.strictObject({ authenticatorId, kind: authenticatorKind, sessionId }),
    { authenticatorId: 'k8', kind: 'totp', sessionId: 's1' },
    named,
  ),
  AuthenticatorImported: event(
    'AuthenticatorImported',
    'The operator imports an account: this authenticator app came with it, and counts once the account is registered.',
    z.strictObject({ importId, authenticatorId, kind: authenticatorKind, totp: totpParameters }),
    {
      importId: 'i1',
      authenticatorId: 'k7',
      kind: 'totp',
      totp: { algorithm: 'SHA256', digits: 8, period: 60 },
    },
    named,
  ),
  SecondFactorImported: event(
    'SecondFactorImported',
    'The imported account was registered: login requires a code of an authenticator app that came with it. There are no backup codes.',
    z.strictObject({ importId }),
    { importId: 'i1' },
  ),
  ImportDiscarded: event(
    'ImportDiscarded',
    'An import did not register the account: the secrets that it brought were destroyed.',
    z.strictObject({ importId }),
    { importId: 'i1' },
  ),
  BackupCodesIssued: event(
    'BackupCodesIssued',
    'A new set of backup codes was created; the old one is no longer valid.',
    z.strictObject({ setId: opaqueId, count }),
    { setId: 'b3', count: 10 },
  ),
  BackupCodeUsed: event(
    'BackupCodeUsed',
    'A backup code was used up.',
    z.strictObject({ setId: opaqueId, index: count, left: count }),
    { setId: 'b3', index: 4, left: 9 },
  ),
  AttemptFailed: event(
    'AttemptFailed',
    'A code was incorrect or had already been used.',
    z.strictObject({
      purpose,
      method: codeMethod,
      reason: z.enum(['wrong', 'used']),
      failedAttempts: count,
      maxFailedAttempts: count,
    }),
    { purpose: 'login', method: 'totp', reason: 'wrong', failedAttempts: 2, maxFailedAttempts: 5 },
  ),
  AttemptSucceeded: event(
    'AttemptSucceeded',
    'A correct code; the count of failed attempts is reset.',
    z.strictObject({
      purpose,
      method: codeMethod,
      authenticatorId: authenticatorId
        .optional()
        .meta({ description: 'The one that passed; missing for a backup code.' }),
      timeStep: timeStep.optional(),
      alsoMatched: z
        .array(z.strictObject({ authenticatorId, timeStep }))
        .optional()
        .meta({ description: 'Other authenticators that had the same code: it is used for them too.' }),
      challengeId: opaqueId.optional(),
      challengeExpiresAt: count
        .meta({ description: 'Milliseconds since 1970; the challenge can be forgotten afterwards.' })
        .optional(),
      sessionId: sessionId.optional(),
    }),
    {
      purpose: 'login',
      method: 'totp',
      authenticatorId: 'k7',
      timeStep: 59_471_941,
      challengeId: 'c9',
      challengeExpiresAt: 1_784_158_500_000,
    },
  ),
  AccountLocked: event(
    'AccountLocked',
    'The limit was reached: the account cannot log in until the lock ends or an administrator unlocks it.',
    z.strictObject({
      failedAttempts: count,
      maxFailedAttempts: count,
      lockMinutes: z
        .int()
        .positive()
        .optional()
        .meta({ description: 'How long the lock lasts; missing: until an administrator unlocks the account.' }),
      endsAt: timestamp.optional().meta({ description: 'When the lock ends by itself; with `lockMinutes`.' }),
    }),
    { failedAttempts: 5, maxFailedAttempts: 5, lockMinutes: 15, endsAt: '2026-11-24T09:45:00.000Z' },
  ),
  UserUnlocked: event(
    'UserUnlocked',
    'The account is no longer locked: an administrator enabled the user again, or the lock ended by itself.',
    z.strictObject({
      reason: z
        .literal('lock-ended')
        .optional()
        .meta({ description: 'The lock ended by itself; the count of failed attempts goes on (R38).' }),
    }),
    {},
  ),
  GraceBegan: event(
    'GraceBegan',
    'The portal requires 2FA, and this account has none: it must be set up until the end of the time of grace.',
    z.strictObject({ endsAt: graceEndsAt, graceDays: count }),
    { endsAt: '2026-12-01T09:30:00.000Z', graceDays: 7 },
  ),
  SecondFactorErased: event(
    'SecondFactorErased',
    'The account was deleted: its second factor, if it had one, was destroyed, and none can be set up again.',
    z.strictObject({}),
    {},
  ),
  TwoFactorDisabled: event(
    'TwoFactorDisabled',
    'All secrets and the backup codes were destroyed; login no longer requires a code.',
    z.strictObject({
      secretId: secretId.meta({ description: 'Of the first authenticator app, or the pending one.' }),
      was: z.enum(['pending', 'enabled']),
      sessionId: sessionId.optional(),
      enrolmentRequired,
      graceEndsAt: timestamp.optional().meta({
        description: 'It was not the user, and the time of grace was over: until when 2FA must be set up again.',
      }),
    }),
    { secretId: 'k7', was: 'enabled', sessionId: 's1' },
  ),
} as const;

export type TwoFactorEvent = DomainEvents<typeof twoFactorEvents>;
