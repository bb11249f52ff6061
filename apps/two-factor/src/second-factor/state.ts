import type { TwoFactorEvent } from '#libs/contracts/src/events/two-factor.js';

/** What the log says of one account's second factor. */
export interface SecondFactor {
  readonly enrolment: Enrolment;
  /** Failed attempts in a row, over all challenges, devices, addresses and instances (R22). */
  readonly failedAttempts: number;
  readonly locked: boolean;
  /** Raised by lock, unlock, reset and disable; a challenge of an older epoch has ended (R21). */
  readonly epoch: number;
  /** The newest RFC 6238 time step that was accepted, of whichever secret (R18). */
  readonly lastAcceptedStep: number | null;
  /** The account was deleted: nothing is possible any more (R42). */
  readonly erased: boolean;
  /** Challenges that have passed and could still be shown again (R21). */
  readonly passedChallenges: readonly { readonly id: string; readonly expiresAt: number }[];
}

export type Enrolment =
  | { readonly status: 'none' }
  | { readonly status: 'pending'; readonly secretId: string; readonly failedConfirmations: number }
  | {
      readonly status: 'enabled';
      readonly secretId: string;
      /** The session that confirmed: it has passed a code of this secret (R14). */
      readonly confirmedBy: string;
      readonly backupCodes: BackupCodeSet;
    };

export interface BackupCodeSet {
  readonly setId: string;
  readonly count: number;
  /** Indexes of the codes that are used up. */
  readonly used: readonly number[];
}

export const initial: SecondFactor = {
  enrolment: { status: 'none' },
  failedAttempts: 0,
  locked: false,
  epoch: 0,
  lastAcceptedStep: null,
  erased: false,
  passedChallenges: [],
};

/** Passed challenges are remembered a while after they expired, so that a clock set back revives none. */
const REMEMBER_MS = 60 * 60_000;

const noBackupCodes: BackupCodeSet = { setId: 'none', count: 0, used: [] };

/** Folds one event into the state; `at` is its time in milliseconds. */
export function evolve(state: SecondFactor, event: TwoFactorEvent, at: number): SecondFactor {
  switch (event.type) {
    case 'SecretIssued':
      return {
        ...state,
        enrolment: { status: 'pending', secretId: event.data.secretId, failedConfirmations: 0 },
        epoch: event.data.reason === 'reset' ? state.epoch + 1 : state.epoch,
      };
    case 'ConfirmationFailed':
      return state.enrolment.status !== 'pending'
        ? state
        : { ...state, enrolment: { ...state.enrolment, failedConfirmations: event.data.failedConfirmations } };
    case 'SetupFailed':
      return { ...state, enrolment: { status: 'none' } };
    case 'TwoFactorEnabled': {
      const { secretId, sessionId, timeStep } = event.data;
      return {
        ...state,
        enrolment: { status: 'enabled', secretId, confirmedBy: sessionId, backupCodes: noBackupCodes },
        lastAcceptedStep: timeStep,
      };
    }
    case 'BackupCodesIssued': {
      const { setId, count } = event.data;
      return withBackupCodes(state, { setId, count, used: [] });
    }
    case 'BackupCodeUsed': {
      if (state.enrolment.status !== 'enabled') return state;
      const { backupCodes } = state.enrolment;
      return withBackupCodes(state, { ...backupCodes, used: [...backupCodes.used, event.data.index] });
    }
    case 'AttemptFailed':
      return { ...state, failedAttempts: event.data.failedAttempts };
    case 'AttemptSucceeded': {
      const { timeStep, challengeId, challengeExpiresAt } = event.data;
      const remembered = state.passedChallenges.filter(({ expiresAt }) => expiresAt + REMEMBER_MS > at);
      return {
        ...state,
        failedAttempts: 0,
        lastAcceptedStep: timeStep ?? state.lastAcceptedStep,
        passedChallenges:
          challengeId === undefined || challengeExpiresAt === undefined
            ? remembered
            : [...remembered, { id: challengeId, expiresAt: challengeExpiresAt }],
      };
    }
    case 'AccountLocked':
      return { ...state, locked: true, epoch: state.epoch + 1 };
    case 'UserUnlocked':
      return { ...state, locked: false, failedAttempts: 0, epoch: state.epoch + 1 };
    case 'SecondFactorErased':
      return { ...state, enrolment: { status: 'none' }, epoch: state.epoch + 1, erased: true };
    case 'TwoFactorDisabled':
      return { ...state, enrolment: { status: 'none' }, epoch: state.epoch + 1 };
    default:
      return event satisfies never;
  }
}

const withBackupCodes = (state: SecondFactor, backupCodes: BackupCodeSet): SecondFactor =>
  state.enrolment.status === 'enabled' ? { ...state, enrolment: { ...state.enrolment, backupCodes } } : state;

export const backupCodesLeft = ({ enrolment }: SecondFactor): number =>
  enrolment.status === 'enabled' ? enrolment.backupCodes.count - enrolment.backupCodes.used.length : 0;

/** The vault's entries that this state still needs; every other one of the account is to be destroyed. */
export const secretsNamed = ({ enrolment }: SecondFactor): readonly string[] => {
  switch (enrolment.status) {
    case 'none':
      return [];
    case 'pending':
      return [enrolment.secretId];
    case 'enabled':
      return [enrolment.secretId, enrolment.backupCodes.setId];
  }
};
