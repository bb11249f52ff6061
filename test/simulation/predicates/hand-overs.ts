import type { HandOverPurpose } from '#libs/contracts/src/primitives.js';
import { calls } from '../world/acts.js';
import { isGood } from './ledger.js';
import { byLedger, type Predicate } from './predicate.js';

interface Handed {
  readonly account: string;
  readonly purpose: HandOverPurpose;
  readonly sessionId: string;
}

export const handOverDoesNothingElse: Predicate = {
  rule: 'R34',
  says: 'a session by hand-over makes the calls that are open to what it is for, and none once the gateway is answered',
  begin: byLedger((complain, ledger) => {
    const begun = new Map<string, Handed>();
    const handed = new Map<string, Handed>();
    /** Places from which a session was over. */
    const answered = new Map<string, number>();
    return {
      seen: (observed) => {
        if (observed.kind === 'event' && observed.name === 'HandedOver') {
          const { portal, account, data, context } = observed.event;
          const { purpose, sessionId } = data as { purpose: HandOverPurpose; sessionId: string };
          begun.set(context.correlationId, { account: `${portal}/${account}`, purpose, sessionId });
        }
        if (observed.kind !== 'answered' || !isGood(observed)) return;
        const { name, call, answer, requestId } = observed;
        const of = begun.get(requestId);
        const { accessToken } = (answer.body ?? {}) as { accessToken?: string };
        if (of && accessToken !== undefined) handed.set(accessToken, of);
        if (name === 'answerHandOver' || name === 'endHandOver') {
          const { sessionId } = call.body as { sessionId: string };
          if (!answered.has(sessionId)) answered.set(sessionId, ledger.place);
        }
        const session = handed.get(call.token ?? '');
        if (!session || calls[name].allow.includes('public')) return;
        const { handOverFor } = calls[name];
        const told = `${name} passed by a session of ${session.account}, which was handed over to ${session.purpose}`;
        if (handOverFor !== 'pass' && handOverFor !== session.purpose) complain(told);
        const over = answered.get(session.sessionId);
        if (over !== undefined && over < ledger.requests.get(requestId)!.place) complain(`${told}, and is over`);
      },
    };
  }),
};

export const handedOverWithoutPassword: Predicate = {
  rule: 'R34',
  says: 'who is handed over has no password and is no administrator, and is handed over within a minute of the proof',
  begin: byLedger((complain, ledger) => {
    const withPassword = new Set<string>();
    return {
      seen: (observed) => {
        if (observed.kind !== 'event') return;
        const { portal, account, data } = observed.event;
        const key = `${portal}/${account}`;
        const { passwordId, provedAt } = data as { passwordId?: string | null; provedAt?: string };
        if (['AccountRegistered', 'PasswordChanged'].includes(observed.name) && passwordId !== null)
          withPassword.add(key);
        if (observed.name !== 'HandedOver') return;
        if (withPassword.has(key)) complain(`${key} has a password`);
        const request = ledger.requestOf(observed.event);
        const { administrator } = ledger.account(portal, account!);
        if (request && administrator.since(request.place).every(Boolean)) complain(`${key} is an administrator`);
        if (request && request.at - Date.parse(provedAt!) > 70_000)
          complain(`${key}, who had proved it at ${provedAt}`);
      },
    };
  }),
};
