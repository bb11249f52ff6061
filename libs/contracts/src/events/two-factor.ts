import { z } from 'zod';
import { codeMethod, opaqueId } from '../primitives.js';
import { type DomainEvents, event } from './event.js';

const count = z.int().nonnegative();
const timeStep = z.int().nonnegative().meta({ description: 'RFC 6238 time step T: Unix seconds divided by 30.' });
const purpose = z.enum(['login', 'gateway', 'proof']);
const sessionId = opaqueId.meta({ description: 'Id of the session that did it; never its token.' });

export const twoFactorEvents = {
  SecretIssued: event(
    'two-factor',
    'SecretIssued',
    'A new secret was made; setting up starts, or starts again.',
    z.strictObject({ secretId: opaqueId, reason: z.enum(['setup', 'reset']), sessionId }),
    { secretId: 'k7', reason: 'setup', sessionId: 's1' },
  ),
  ConfirmationFailed: event(
    'two-factor',
    'ConfirmationFailed',
    'A wrong code while setting up. Locks nobody.',
    z.strictObject({ secretId: opaqueId, failedConfirmations: count }),
    { secretId: 'k7', failedConfirmations: 1 },
  ),
  SetupFailed: event(
    'two-factor',
    'SetupFailed',
    'Ten wrong codes ended the pending setup; its secret is destroyed.',
    z.strictObject({ secretId: opaqueId, failedConfirmations: count }),
    { secretId: 'k7', failedConfirmations: 10 },
  ),
  TwoFactorEnabled: event(
    'two-factor',
    'TwoFactorEnabled',
    'The user confirmed a code of the secret; login asks for codes.',
    z.strictObject({ secretId: opaqueId, timeStep, sessionId }),
    { secretId: 'k7', timeStep: 59_471_940, sessionId: 's1' },
  ),
  BackupCodesIssued: event(
    'two-factor',
    'BackupCodesIssued',
    'A new set of backup codes; an older set has ended.',
    z.strictObject({ setId: opaqueId, count }),
    { setId: 'b3', count: 10 },
  ),
  BackupCodeUsed: event(
    'two-factor',
    'BackupCodeUsed',
    'A backup code was used up.',
    z.strictObject({ setId: opaqueId, index: count, left: count }),
    { setId: 'b3', index: 4, left: 9 },
  ),
  AttemptFailed: event(
    'two-factor',
    'AttemptFailed',
    'A well-formed code was wrong or used.',
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
    'two-factor',
    'AttemptSucceeded',
    'A right code; the count of failures is zero again.',
    z.strictObject({
      purpose,
      method: codeMethod,
      timeStep: timeStep.optional(),
      challengeId: opaqueId.optional(),
      challengeExpiresAt: count
        .meta({ description: 'Milliseconds since 1970; after it the challenge need not be remembered.' })
        .optional(),
      sessionId: sessionId.optional(),
    }),
    {
      purpose: 'login',
      method: 'totp',
      timeStep: 59_471_941,
      challengeId: 'c9',
      challengeExpiresAt: 1_784_158_500_000,
    },
  ),
  AccountLocked: event(
    'two-factor',
    'AccountLocked',
    'The limit was reached: the account cannot log in until an administrator unlocks it.',
    z.strictObject({ failedAttempts: count, maxFailedAttempts: count }),
    { failedAttempts: 5, maxFailedAttempts: 5 },
  ),
  UserUnlocked: event('two-factor', 'UserUnlocked', 'An administrator enabled the user again.', z.strictObject({}), {}),
  TwoFactorDisabled: event(
    'two-factor',
    'TwoFactorDisabled',
    'The secret and the backup codes are destroyed; login asks for no code.',
    z.strictObject({ secretId: opaqueId, was: z.enum(['pending', 'enabled']), sessionId: sessionId.optional() }),
    { secretId: 'k7', was: 'enabled', sessionId: 's1' },
  ),
} as const;

export type TwoFactorEvent = DomainEvents<typeof twoFactorEvents>;
