import type { TwoFactorEvent } from '#libs/contracts/src/events/two-factor.js';
import { STANDARD_TOTP } from '#libs/contracts/src/limits.js';
import type { AuthenticatorKind, TotpParameters } from '#libs/contracts/src/primitives.js';
import type { Sealed, SealedPerson } from '#libs/event-store/src/decision.js';
import { graceAfter, graceUntil } from './grace.js';
import { withImported } from './imports.js';

/** What the log says of one account's second factor. */
export interface SecondFactor {
  readonly enrolment: Enrolment;
  /** Failed attempts in a row, over all authenticators, challenges, devices, addresses and instances (R22, R45). */
  readonly failedAttempts: number;
  /** Since when, in milliseconds; null: it is not locked. */
  readonly lockedAt: number | null;
  /** When the lock ends by itself, in milliseconds; null: it is not locked, or only an administrator ends it (R38). */
  readonly lockEndsAt: number | null;
  /** The last lock that was to end by itself; the next one is longer if it comes soon. */
  readonly lastLock: { readonly at: number; readonly minutes: number } | null;
  /** How many of the failed attempts locks have paid for that ended by themselves. */
  readonly failuresPaid: number;
  /** Within which 2FA must be set up; null: it has not begun (R37). */
  readonly grace: Grace | null;
  /** Raised by lock, unlock, reset, disable and a removal; a challenge of an older epoch has ended (R21). */
  readonly epoch: number;
  /** How many authenticators were ever added to others: each ends remembered browsers (R39). */
  readonly additions: number;
  /** When the newest time step began whose code an authenticator that is gone had passed with, Unix seconds (R18). */
  readonly passedUntil: number | null;
  /** The account was deleted: nothing is possible any more (R42). */
  readonly erased: boolean;
  /** What imports have brought before the account is registered; none of it counts yet (R36). */
  readonly imports: readonly Import[];
  /** The import that the account was registered by; null: by none that brought a second factor. */
  readonly importedBy: string | null;
  /** Challenges that have passed and could still be shown again (R21). */
  readonly passedChallenges: readonly { readonly id: string; readonly expiresAt: number }[];
}

export interface Grace {
  /** Milliseconds. */
  readonly endsAt: number;
  /** An event says that it is over: it stays so when the clock is set back. */
  readonly isOver: boolean;
}

export type Enrolment =
  | { readonly status: 'none' }
  | { readonly status: 'pending'; readonly setup: PendingSetup }
  | {
      readonly status: 'enabled';
      /** The authenticator that 2FA was enabled with. */
      readonly id: string;
      /** In the order in which they were added; never empty. */
      readonly authenticators: readonly Authenticator[];
      readonly backupCodes: BackupCodeSet;
      /** One more, not confirmed yet. */
      readonly adding: PendingSetup | null;
    };

export interface Import {
  readonly id: string;
  /** When it began, milliseconds. */
  readonly at: number;
  readonly authenticators: readonly Authenticator[];
}

/** An authenticator app whose first code has not come yet. */
export interface PendingSetup {
  readonly secretId: string;
  readonly totp: TotpParameters;
  readonly name: AuthenticatorName;
  readonly failedConfirmations: number;
}

/** As the person calls it, sealed (R42); null: it has no name yet. */
export type AuthenticatorName = SealedPerson | null;

/** Any one of them passes (R45). */
export interface Authenticator {
  /** Names its secret in the vault too. */
  readonly id: string;
  readonly kind: AuthenticatorKind;
  readonly name: AuthenticatorName;
  /** Milliseconds. */
  readonly addedAt: number;
  /** Null: not yet here. */
  readonly lastUsedAt: number | null;
  readonly totp: TotpParameters;
  /** The newest RFC 6238 time step that was accepted, in its own period (R18). */
  readonly lastAcceptedStep: number;
  /** The session that confirmed: it has passed a code of this authenticator (R14). Null: it was imported. */
  readonly confirmedBy: string | null;
}

export interface BackupCodeSet {
  readonly setId: string;
  readonly count: number;
  /** Indexes of the codes that are used up. */
  readonly used: readonly number[];
}

export const initial: SecondFactor = {
  enrolment: { status: 'none' },
  failedAttempts: 0,
  lockedAt: null,
  lockEndsAt: null,
  lastLock: null,
  failuresPaid: 0,
  grace: null,
  epoch: 0,
  additions: 0,
  passedUntil: null,
  erased: false,
  imports: [],
  importedBy: null,
  passedChallenges: [],
};

/** Passed challenges are remembered a while after they expired, so that a clock set back revives none. */
const REMEMBER_MS = 60 * 60_000;

/** An import brings none: nobody could see them. */
const noBackupCodes: BackupCodeSet = { setId: 'none', count: 0, used: [] };

/** Folds one event into the state; `at` is its time in milliseconds. */
export function evolve(state: SecondFactor, event: Sealed<TwoFactorEvent>, at: number): SecondFactor {
  const { enrolment } = state;
  switch (event.type) {
    case 'SecretIssued': {
      const { secretId, reason, totp = STANDARD_TOTP } = event.data;
      const setup: PendingSetup = { secretId, totp, name: event.person ?? null, failedConfirmations: 0 };
      if (reason === 'add') return enrolment.status === 'enabled' ? withEnabled(state, { adding: setup }) : state;
      return {
        ...state,
        enrolment: { status: 'pending', setup },
        epoch: reason === 'reset' ? state.epoch + 1 : state.epoch,
        passedUntil: passedUntilNow(state),
        grace: graceAfter(state.grace, event.data),
      };
    }
    case 'ConfirmationFailed': {
      const setup = pendingSetup(state);
      return setup ? withSetup(state, { ...setup, failedConfirmations: event.data.failedConfirmations }) : state;
    }
    case 'SetupFailed':
      return withSetup(state, null);
    case 'TwoFactorEnabled': {
      const { secretId: id, sessionId, timeStep } = event.data;
      const first = confirmed(pendingSetup(state), { id, sessionId, timeStep, at });
      return {
        ...state,
        enrolment: { status: 'enabled', id, authenticators: [first], backupCodes: noBackupCodes, adding: null },
      };
    }
    case 'AuthenticatorAdded': {
      if (enrolment.status !== 'enabled') return state;
      const { authenticatorId: id, sessionId, timeStep = 0 } = event.data;
      const added = confirmed(enrolment.adding, { id, sessionId, timeStep, at });
      const authenticators = [...enrolment.authenticators, added];
      return { ...withEnabled(state, { authenticators, adding: null }), additions: state.additions + 1 };
    }
    case 'AuthenticatorRenamed':
      return withAuthenticator(state, event.data.authenticatorId, { name: event.person ?? null });
    case 'AuthenticatorRemoved': {
      if (enrolment.status !== 'enabled') return state;
      const { authenticatorId: id } = event.data;
      const authenticators = enrolment.authenticators.filter((each) => each.id !== id);
      const passedUntil = passedUntilNow(state, [id]);
      return { ...withEnabled(state, { authenticators }), epoch: state.epoch + 1, passedUntil };
    }
    case 'AuthenticatorImported':
      return { ...state, imports: withImported(state.imports, event, at) };
    case 'SecondFactorImported': {
      const { importId } = event.data;
      const authenticators = state.imports.find(({ id }) => id === importId)?.authenticators ?? [];
      const [first] = authenticators;
      if (!first) return state;
      return {
        ...state,
        enrolment: { status: 'enabled', id: first.id, authenticators, backupCodes: noBackupCodes, adding: null },
        imports: [],
        importedBy: importId,
      };
    }
    case 'ImportDiscarded':
      return { ...state, imports: state.imports.filter(({ id }) => id !== event.data.importId) };
    case 'BackupCodesIssued': {
      const { setId, count } = event.data;
      return withEnabled(state, { backupCodes: { setId, count, used: [] } });
    }
    case 'BackupCodeUsed': {
      if (enrolment.status !== 'enabled') return state;
      const { backupCodes } = enrolment;
      return withEnabled(state, { backupCodes: { ...backupCodes, used: [...backupCodes.used, event.data.index] } });
    }
    case 'AttemptFailed':
      return { ...state, failedAttempts: event.data.failedAttempts };
    case 'AttemptSucceeded':
      return succeeded(state, event.data, at);
    case 'AccountLocked':
      return { ...state, ...lockOf(event.data, state, at), epoch: state.epoch + 1 };
    case 'UserUnlocked': {
      const failedAttempts = event.data.reason === 'lock-ended' ? state.failedAttempts : 0;
      const unlocked = { lockedAt: null, lockEndsAt: null, failedAttempts, failuresPaid: failedAttempts };
      return { ...state, ...unlocked, epoch: state.epoch + 1 };
    }
    case 'SecondFactorErased':
      // nobody waits for the end of a lock any more
      return { ...ended(state), imports: [], lockedAt: null, lockEndsAt: null, erased: true };
    case 'GraceBegan':
      return { ...state, grace: graceUntil(event.data.endsAt, at) };
    case 'TwoFactorDisabled': {
      const { graceEndsAt } = event.data;
      const grace = graceEndsAt === undefined ? graceAfter(state.grace, event.data) : graceUntil(graceEndsAt, at);
      return { ...ended(state), grace };
    }
    default:
      return event satisfies never;
  }
}

type Lock = Extract<TwoFactorEvent, { type: 'AccountLocked' }>['data'];

const lockOf = ({ lockMinutes: minutes, endsAt }: Lock, { lastLock }: SecondFactor, at: number) =>
  minutes === undefined || endsAt === undefined
    ? { lockedAt: at, lockEndsAt: null, lastLock }
    : { lockedAt: at, lockEndsAt: Date.parse(endsAt), lastLock: { at, minutes } };

type Success = Extract<TwoFactorEvent, { type: 'AttemptSucceeded' }>['data'];

function succeeded(state: SecondFactor, data: Success, at: number): SecondFactor {
  const { timeStep, alsoMatched = [], challengeId, challengeExpiresAt } = data;
  const remembered = state.passedChallenges.filter(({ expiresAt }) => expiresAt + REMEMBER_MS > at);
  const passedChallenges =
    challengeId === undefined || challengeExpiresAt === undefined
      ? remembered
      : [...remembered, { id: challengeId, expiresAt: challengeExpiresAt }];
  let after: SecondFactor = { ...state, failedAttempts: 0, failuresPaid: 0, passedChallenges };
  const authenticatorId = data.authenticatorId ?? (timeStep === undefined ? undefined : firstOf(state));
  if (authenticatorId === undefined) return after;
  after = withAuthenticator(after, authenticatorId, { lastUsedAt: at, ...newest(timeStep) });
  for (const also of alsoMatched) after = withAuthenticator(after, also.authenticatorId, newest(also.timeStep));
  return after;
}

/** Whose step it is that an event of a release says which knew one authenticator alone. */
const firstOf = ({ enrolment }: SecondFactor): string | undefined =>
  enrolment.status === 'enabled' ? enrolment.id : undefined;

const newest = (lastAcceptedStep: number | undefined): Partial<Authenticator> =>
  lastAcceptedStep === undefined ? {} : { lastAcceptedStep };

function confirmed(
  setup: PendingSetup | null,
  { id, sessionId, timeStep, at }: { id: string; sessionId: string; timeStep: number; at: number },
): Authenticator {
  return {
    id,
    kind: 'totp',
    name: setup?.name ?? null,
    addedAt: at,
    lastUsedAt: at,
    totp: setup?.totp ?? STANDARD_TOTP,
    lastAcceptedStep: timeStep,
    confirmedBy: sessionId,
  };
}

/** Without any authenticator. */
const ended = (state: SecondFactor): SecondFactor => ({
  ...state,
  enrolment: { status: 'none' },
  epoch: state.epoch + 1,
  passedUntil: passedUntilNow(state),
});

/** The newest beginning of a passed time step, if these authenticators go now; all, unless told. */
function passedUntilNow(state: SecondFactor, going?: readonly string[]): number | null {
  const steps = authenticatorsOf(state)
    .filter(({ id }) => going?.includes(id) ?? true)
    .map(({ lastAcceptedStep, totp }) => lastAcceptedStep * totp.period);
  return steps.length === 0 ? state.passedUntil : Math.max(state.passedUntil ?? 0, ...steps);
}

type Enabled = Extract<Enrolment, { status: 'enabled' }>;

const withEnabled = (state: SecondFactor, changes: Partial<Enabled>): SecondFactor =>
  state.enrolment.status === 'enabled' ? { ...state, enrolment: { ...state.enrolment, ...changes } } : state;

const withAuthenticator = (state: SecondFactor, id: string, changes: Partial<Authenticator>): SecondFactor =>
  withEnabled(state, {
    authenticators: authenticatorsOf(state).map((each) => (each.id === id ? { ...each, ...changes } : each)),
  });

/** Null: there is none any more. */
function withSetup(state: SecondFactor, setup: PendingSetup | null): SecondFactor {
  if (state.enrolment.status === 'enabled') return withEnabled(state, { adding: setup });
  return { ...state, enrolment: setup ? { status: 'pending', setup } : { status: 'none' } };
}

/** Confirmed ones; none, unless 2FA is enabled. */
export const authenticatorsOf = ({ enrolment }: SecondFactor): readonly Authenticator[] =>
  enrolment.status === 'enabled' ? enrolment.authenticators : [];

/** The first authenticator of the account, or one more. */
export function pendingSetup({ enrolment }: SecondFactor): PendingSetup | null {
  if (enrolment.status === 'pending') return enrolment.setup;
  return enrolment.status === 'enabled' ? enrolment.adding : null;
}

export const backupCodesLeft = ({ enrolment }: SecondFactor): number =>
  enrolment.status === 'enabled' ? enrolment.backupCodes.count - enrolment.backupCodes.used.length : 0;

/** The vault's entries that this state still needs; every other one of the account is to be destroyed. */
export const secretsNamed = (state: SecondFactor): readonly string[] => {
  const { enrolment } = state;
  const setup = pendingSetup(state);
  return [
    ...authenticatorsOf(state).map(({ id }) => id),
    ...(setup ? [setup.secretId] : []),
    ...(enrolment.status === 'enabled' && enrolment.backupCodes.count > 0 ? [enrolment.backupCodes.setId] : []),
    ...state.imports.flatMap(({ authenticators }) => authenticators.map(({ id }) => id)),
  ];
};
