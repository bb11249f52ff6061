import { asks, type CallName } from '../world/acts.js';
import type { Answered } from '../world/history.js';
import { codeOf, isGood } from './ledger.js';
import { byLedger, type Predicate } from './predicate.js';

/** What a good answer says that there is, unless the body says that nothing was done yet. */
const eventsOf: Partial<Record<CallName, readonly string[]>> = {
  loginWithCode: ['LoginSucceeded'],
  loginWithToken: ['LoginSucceeded'],
  loginWithSso: ['LoginSucceeded'],
  completeSsoLogin: ['LoginSucceeded'],
  handOver: ['HandedOver'],
  verifyChallenge: ['AttemptSucceeded'],
  setUp: ['SecretIssued'],
  addTotp: ['SecretIssued'],
  reset: ['SecretIssued'],
  confirm: ['TwoFactorEnabled'],
  confirmTotp: ['TwoFactorEnabled', 'AuthenticatorAdded'],
  issueBackupCodes: ['BackupCodesIssued'],
  renameAuthenticator: ['AuthenticatorRenamed'],
  removeAuthenticator: ['AuthenticatorRemoved', 'TwoFactorDisabled'],
  disableMine: ['TwoFactorDisabled'],
  disableTwoFactor: ['TwoFactorDisabled'],
  unlock: ['UserUnlocked'],
  issueLoginToken: ['LoginTokenIssued'],
  issuePasswordLink: ['PasswordLinkIssued'],
  changePassword: ['PasswordChanged'],
  redeemPasswordLink: ['PasswordChanged'],
  reAuthenticate: ['ReAuthenticated'],
  logout: ['LoggedOut'],
  endMySession: ['SessionEnded'],
  endSession: ['SessionEnded'],
  issueServiceToken: ['ServiceTokenIssued'],
};
const failures = ['AttemptFailed', 'ConfirmationFailed'];

export const answeredIsRecorded: Predicate = {
  rule: 'R28',
  says: 'an answer follows its event',
  begin: (complain) => {
    const recorded = new Set<string>();
    const expected = (observed: Answered): readonly string[] | undefined => {
      const code = codeOf(observed);
      if (code === 'wrong-code') return failures;
      if (!isGood(observed)) return undefined;
      if (observed.name === 'login')
        return 'accessToken' in (observed.answer.body as object) ? ['LoginSucceeded'] : undefined;
      return eventsOf[observed.name];
    };
    return {
      seen: (observed) => {
        if (observed.kind === 'event') recorded.add(`${observed.event.context.correlationId} ${observed.name}`);
        if (observed.kind !== 'answered') return;
        const events = expected(observed);
        if (events && !events.some((name) => recorded.has(`${observed.requestId} ${name}`)))
          complain(
            `${observed.name} was answered ${codeOf(observed) ?? 'well'}, and no ${events.join(' or ')} was there`,
          );
      },
    };
  },
};

/** A call that was asked after another was answered sees what it did. */
export const suspendedMeansOut: Predicate = {
  rule: 'R41',
  says: 'after a suspension is answered nobody logs in or passes, until somebody resumes it',
  begin: byLedger((complain, ledger) => {
    const isOut = (portal: string, id: string, requestId: string) => {
      const request = ledger.requests.get(requestId);
      return (
        request &&
        ledger
          .account(portal, id)
          .suspended.possibleSince(request.place)
          .every((is) => is)
      );
    };
    return {
      seen: (observed) => {
        if (observed.kind === 'event' && ['LoginSucceeded', 'HandedOver', 'AttemptSucceeded'].includes(observed.name)) {
          const { portal, account, context } = observed.event;
          if (isOut(portal, account!, context.correlationId)) complain(`${observed.name} of ${portal}/${account}`);
        }
        if (observed.kind !== 'answered' || observed.name !== 'openChallenge' || !isGood(observed)) return;
        const { portal, id } = observed.on!;
        if (isOut(portal, id, observed.requestId)) complain(`a gateway's challenge of ${portal}/${id}`);
      },
    };
  }),
};

export const neverBroken: Predicate = {
  rule: 'R31',
  says: 'no call ends in an error of the server',
  begin: (complain) => ({
    seen: (observed) => {
      if (observed.kind === 'answered' && observed.answer.status === 500) complain(`${observed.name} answered 500`);
    },
  }),
};

export const problemsNameTheRequest: Predicate = {
  rule: 'R46',
  says: 'each problem names its request',
  begin: (complain) => ({
    seen: (observed) => {
      if (observed.kind !== 'answered' || observed.answer.status < 400) return;
      // over the bus it stands beside the answer
      if (observed.call.command || observed.name in asks) return;
      const { requestId } = observed.answer.body as { requestId?: string };
      if (requestId !== observed.requestId)
        complain(`${observed.name} ${observed.requestId} was answered as ${requestId}`);
    },
  }),
};
