import type { TwoFactorEvent } from '#libs/contracts/src/events/two-factor.js';
import type { Refusal } from '#libs/contracts/src/problems.js';
import { backupCodes, MOST_TOTP_AUTHENTICATORS } from '#libs/contracts/src/limits.js';
import type { Decision } from '#libs/event-store/src/decision.js';
import { type Attempt, decideAttempt, type Evidence, type Passed } from './attempts.js';
import { decideOpening, enrolmentAfter, moreGrace, type OpenChallenge, type Opened } from './grace.js';
import { decideImport, type ImportCommand } from './imports.js';
import { isLockOver } from './locks.js';
import { type AccountPolicy, barred, isActive, missingProof, notConfigurable, type Proof } from './policy.js';
import { authenticatorsOf, pendingSetup, type SecondFactor } from './state.js';

/** Everything that can be asked of one account's second factor. Randomness, policy and what a code matched come in as data. */
export type Command =
  | { readonly type: 'SetUp'; readonly policy: AccountPolicy; readonly proof: Proof; readonly secretId: string }
  /** The first authenticator app, or one more; `name` as the person calls it. */
  | {
      readonly type: 'AddTotp';
      readonly policy: AccountPolicy;
      readonly proof: Proof;
      readonly secretId: string;
      readonly name: string;
    }
  | {
      readonly type: 'Confirm';
      readonly policy: AccountPolicy;
      readonly proof: Proof;
      /** One more is confirmed too, else the first alone. */
      readonly more: boolean;
      /** Of one more, as it was given when its secret was issued. */
      readonly name?: string | undefined;
      /** The secret that the code is meant for; undefined: whichever is pending. */
      readonly setupId?: string | undefined;
      readonly evidence: Evidence;
      readonly setId: string;
    }
  | { readonly type: 'Reset'; readonly policy: AccountPolicy; readonly proof: Proof; readonly secretId: string }
  | { readonly type: 'IssueBackupCodes'; readonly policy: AccountPolicy; readonly proof: Proof; readonly setId: string }
  | { readonly type: 'Rename'; readonly policy: AccountPolicy; readonly authenticatorId: string; readonly name: string }
  | {
      readonly type: 'Remove';
      readonly policy: AccountPolicy;
      readonly proof: Proof;
      readonly authenticatorId: string;
      readonly name?: string | undefined;
    }
  /** By the user. */
  | { readonly type: 'Disable'; readonly policy: AccountPolicy; readonly proof: Proof }
  /** By an administrator: also while 2FA is off for the portal, or the account is locked (R12). */
  | { readonly type: 'DisableForUser' }
  | OpenChallenge
  | { readonly type: 'Verify'; readonly policy: AccountPolicy; readonly attempt: Attempt; readonly evidence: Evidence }
  | { readonly type: 'Unlock' }
  /** By the system: a lock that is to end by itself has come to its end (R38). */
  | { readonly type: 'EndLock' }
  /** The account was deleted. */
  | { readonly type: 'Erase' }
  | ImportCommand
  /** Before what weakens the authentication of others. */
  | { readonly type: 'RequireProof'; readonly policy: AccountPolicy; readonly proof: Proof };

export type Done = { readonly done: true };

/** What each command is answered with when it is not refused. */
export interface Answers {
  SetUp: Done;
  AddTotp: Done;
  Rename: Done;
  Remove: Done;
  Confirm: Done;
  Reset: Done;
  IssueBackupCodes: Done;
  Disable: Done;
  DisableForUser: Done;
  OpenChallenge: Opened;
  Verify: Passed;
  Unlock: Done;
  EndLock: Done;
  Erase: Done;
  Import: Done;
  SettleImports: Done;
  DiscardImports: Done;
  /** `active`: the proof had to have a code. */
  RequireProof: Done & { readonly active: boolean };
}
export type AnswerTo<C extends Command> = Answers[C['type']] | Refusal;

/** Wrong codes that end a pending setup (R06). */
export const MAX_FAILED_CONFIRMATIONS = 10;

export function decide<C extends Command>(
  command: C,
  state: SecondFactor,
  now: number,
): Decision<TwoFactorEvent, AnswerTo<C>>;
export function decide(
  command: Command,
  state: SecondFactor,
  now: number,
): Decision<TwoFactorEvent, Answers[keyof Answers] | Refusal> {
  const { status } = state.enrolment;
  // always an event: what was decided at the same moment on another instance does not follow it any more
  if (command.type === 'Erase') return state.erased ? accept() : accept({ type: 'SecondFactorErased', data: {} });
  // a challenge of it has ended, like all of an older epoch
  if (state.erased && command.type !== 'Verify') return refuse({ refused: 'account-deleted' });
  switch (command.type) {
    case 'SetUp': {
      const refusal = refuseChange(command, state, now, status === 'enabled' && 'already-enabled');
      if (refusal) return refuse(refusal);
      return accept({
        type: 'SecretIssued',
        data: { secretId: command.secretId, reason: 'setup', sessionId: command.proof.sessionId },
      });
    }
    case 'AddTotp': {
      const authenticators = authenticatorsOf(state);
      const isFull = authenticators.length >= MOST_TOTP_AUTHENTICATORS;
      const refusal = refuseChange(command, state, now, isFull && 'authenticator-limit');
      if (refusal) return refuse(refusal);
      const { secretId, proof, name } = command;
      return accept({
        type: 'SecretIssued',
        data: { secretId, reason: status === 'enabled' ? 'add' : 'setup', sessionId: proof.sessionId },
        person: { authenticatorName: name },
      });
    }
    case 'Rename': {
      const { policy, authenticatorId, name } = command;
      const refusal = barred(state, policy, now);
      if (refusal) return refuse(refusal);
      if (!has(state, authenticatorId)) return refuse({ refused: 'not-found' });
      return accept({
        type: 'AuthenticatorRenamed',
        data: { authenticatorId },
        person: { authenticatorName: name },
      });
    }
    case 'Remove': {
      const { authenticatorId, proof, name } = command;
      const refusal = refuseChange(command, state, now, !has(state, authenticatorId) && 'not-found');
      if (refusal) return refuse(refusal);
      if (authenticatorsOf(state).length === 1) return decide({ ...command, type: 'Disable' }, state, now);
      return accept({
        type: 'AuthenticatorRemoved',
        data: { authenticatorId, kind: 'totp', sessionId: proof.sessionId },
        ...personOf(name),
      });
    }
    case 'Confirm':
      return decideConfirmation(command, state, now);
    case 'Reset': {
      const refusal = refuseChange(command, state, now, status !== 'enabled' && 'two-factor-not-enabled');
      if (refusal) return refuse(refusal);
      return accept({
        type: 'SecretIssued',
        data: {
          secretId: command.secretId,
          reason: 'reset',
          sessionId: command.proof.sessionId,
          ...enrolmentAfter(state, command.policy, now),
        },
      });
    }
    case 'IssueBackupCodes': {
      const refusal = refuseChange(command, state, now, status !== 'enabled' && 'two-factor-not-enabled');
      if (refusal) return refuse(refusal);
      return accept({ type: 'BackupCodesIssued', data: { setId: command.setId, count: backupCodes.ofASet } });
    }
    case 'Disable': {
      const refusal = refuseChange(command, state, now, status === 'none' && 'two-factor-not-enabled');
      if (refusal) return refuse(refusal);
      const { sessionId } = command.proof;
      // who gives up a setup that was never confirmed has what they had before
      return disable(state, { sessionId, ...(status === 'enabled' && enrolmentAfter(state, command.policy, now)) });
    }
    case 'DisableForUser':
      return disable(state, moreGrace(state, now));
    case 'OpenChallenge':
      return decideOpening(command, state, now);
    case 'Verify':
      return decideAttempt(state, command.policy, command.attempt, command.evidence, now);
    case 'Unlock':
      return state.lockedAt !== null ? accept({ type: 'UserUnlocked', data: {} }) : refuse({ refused: 'not-locked' });
    case 'EndLock':
      return isLockOver(state, now) ? accept({ type: 'UserUnlocked', data: { reason: 'lock-ended' } }) : accept();
    case 'Import':
    case 'SettleImports':
    case 'DiscardImports':
      return decideImport(command, state);
    case 'RequireProof': {
      const refusal = barred(state, command.policy, now) ?? refuseUnproved(command, state, now);
      if (refusal) return refuse(refusal);
      return { events: [], answer: { done: true, active: isActive(state, command.policy) } };
    }
    default:
      return command satisfies never;
  }
}

type Confirm = Extract<Command, { type: 'Confirm' }>;

/** May the confirmation's code be looked at? Not one that is meant for a setup which another has replaced. */
export const refuseConfirmationUnread = (
  command: Pick<Confirm, 'policy' | 'proof' | 'more' | 'setupId'>,
  state: SecondFactor,
  now: number,
): Refusal | null => refuseChange(command, state, now, setupMeant(command, state) === null && 'no-pending-setup');

function setupMeant({ more, setupId }: Pick<Confirm, 'more' | 'setupId'>, state: SecondFactor) {
  if (state.enrolment.status === 'enabled' && !more) return null;
  const setup = pendingSetup(state);
  return setup === null || setupId === undefined || setupId === setup.secretId ? setup : null;
}

function decideConfirmation(
  command: Confirm,
  state: SecondFactor,
  now: number,
): Decision<TwoFactorEvent, Done | Refusal> {
  const refusal = refuseConfirmationUnread(command, state, now);
  const setup = setupMeant(command, state);
  if (refusal || setup === null) return refuse(refusal ?? { refused: 'no-pending-setup' });
  const { evidence, setId, name, proof } = command;
  const { secretId, totp } = setup;
  if (evidence.kind !== 'totp') return refuse({ refused: 'malformed-code' });
  const timeStep = evidence.matches[0]?.timeStep;
  // what an authenticator that is gone has passed with is not right for the one in its place (R18)
  if (timeStep !== undefined && timeStep * totp.period > (state.passedUntil ?? -1)) {
    const { sessionId } = proof;
    if (state.enrolment.status === 'enabled') {
      const data = { authenticatorId: secretId, kind: 'totp', timeStep, sessionId } as const;
      return accept({ type: 'AuthenticatorAdded', data, ...personOf(name) });
    }
    return accept(
      { type: 'TwoFactorEnabled', data: { secretId, timeStep, sessionId } },
      { type: 'BackupCodesIssued', data: { setId, count: backupCodes.ofASet } },
    );
  }
  const failedConfirmations = setup.failedConfirmations + 1;
  const failure: TwoFactorEvent = { type: 'ConfirmationFailed', data: { secretId, failedConfirmations } };
  const ended: TwoFactorEvent[] =
    failedConfirmations < MAX_FAILED_CONFIRMATIONS
      ? []
      : [{ type: 'SetupFailed', data: { secretId, failedConfirmations } }];
  return {
    events: [failure, ...ended],
    answer: {
      refused: 'wrong-code',
      attemptsLeft: MAX_FAILED_CONFIRMATIONS - failedConfirmations,
      ...(evidence.clockOffSeconds !== undefined && { clockOffSeconds: evidence.clockOffSeconds }),
    },
  };
}

type Disabled = Extract<TwoFactorEvent, { type: 'TwoFactorDisabled' }>['data'];

function disable(
  { enrolment }: SecondFactor,
  how: Pick<Disabled, 'sessionId' | 'enrolmentRequired' | 'graceEndsAt'>,
): Decision<TwoFactorEvent, Done | Refusal> {
  if (enrolment.status === 'none') return refuse({ refused: 'two-factor-not-enabled' });
  const secretId = enrolment.status === 'pending' ? enrolment.setup.secretId : enrolment.authenticators[0]!.id;
  return accept({ type: 'TwoFactorDisabled', data: { secretId, was: enrolment.status, ...how } });
}

const has = (state: SecondFactor, authenticatorId: string): boolean =>
  authenticatorsOf(state).some(({ id }) => id === authenticatorId);

const personOf = (name: string | undefined) => (name === undefined ? {} : { person: { authenticatorName: name } });

/**
 * The refusals that the user's own changes share, in the order that clients see: suspended, locked, not configurable (R08, R03, R09),
 * conflict with the state, proof not fresh (R14).
 */
function refuseChange(
  { policy, proof }: { readonly policy: AccountPolicy; readonly proof: Proof },
  state: SecondFactor,
  now: number,
  conflict:
    false | 'already-enabled' | 'authenticator-limit' | 'no-pending-setup' | 'not-found' | 'two-factor-not-enabled',
): Refusal | null {
  const refusal = barred(state, policy, now);
  if (refusal) return refusal;
  const reason = notConfigurable(policy);
  if (reason) return { refused: reason };
  if (conflict) return { refused: conflict };
  return refuseUnproved({ policy, proof }, state, now);
}

function refuseUnproved(
  { policy, proof }: { readonly policy: AccountPolicy; readonly proof: Proof },
  state: SecondFactor,
  now: number,
): Refusal | null {
  const needs = missingProof(state, policy, proof, now);
  return needs.length > 0 ? { refused: 're-authentication-required', needs } : null;
}

const accept = (...events: TwoFactorEvent[]): Decision<TwoFactorEvent, Done> => ({ events, answer: { done: true } });
const refuse = (answer: Refusal): Decision<TwoFactorEvent, Refusal> => ({ events: [], answer });
