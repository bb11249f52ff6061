import { STANDARD_TOTP } from '#libs/contracts/src/limits.js';
import type { SealedPerson } from '#libs/event-store/src/decision.js';
import {
  type Authenticator,
  type BackupCodeSet,
  initial,
  type PendingSetup,
  type SecondFactor,
} from '../second-factor/state.js';

export const anAuthenticator = (changes: Partial<Authenticator> = {}): Authenticator => ({
  id: 'k1',
  kind: 'totp',
  name: null,
  addedAt: 0,
  lastUsedAt: 0,
  totp: STANDARD_TOTP,
  lastAcceptedStep: 0,
  confirmedBy: 's0',
  ...changes,
});

/** 2FA is enabled, with these authenticators; with `k1` alone unless told. */
export const enabledWith = (
  authenticators: readonly Authenticator[] = [anAuthenticator()],
  backupCodes: BackupCodeSet = { setId: 'b1', count: 10, used: [] },
): SecondFactor => ({
  ...initial,
  enrolment: { status: 'enabled', id: authenticators[0]!.id, authenticators, backupCodes, adding: null },
});

export const aSetup = (changes: Partial<PendingSetup> = {}): PendingSetup => ({
  secretId: 'k1',
  totp: STANDARD_TOTP,
  name: null,
  failedConfirmations: 0,
  ...changes,
});

export const aName = (eventId: string): SealedPerson => ({ eventId, kid: 'a1/person', ciphertext: 'AAAA' });
