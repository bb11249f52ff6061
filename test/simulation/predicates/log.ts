import type { RecordedEvent } from '#libs/contracts/src/events/event.js';
import type { Happened } from '../world/history.js';
import { byLedger, type Predicate } from './predicate.js';

type Data = Record<string, unknown>;
const accountOf = ({ portal, account = '' }: RecordedEvent) => `${portal}/${account}`;
const dataOf = ({ data }: RecordedEvent) => data as Data;
const isEndOfLock = ({ name, event }: Happened) => name === 'UserUnlocked' && dataOf(event).reason === 'lock-ended';

/** Of each account, what one predicate remembers. */
function perAccount<State>(initial: () => State) {
  const states = new Map<string, State>();
  return (event: RecordedEvent): State => {
    const key = accountOf(event);
    let state = states.get(key);
    if (!state) states.set(key, (state = initial()));
    return state;
  };
}

export const noAttemptWhileLocked: Predicate = {
  rule: 'R23',
  says: 'no code of a locked account is looked at',
  begin: (complain) => {
    const of = perAccount(() => ({ locked: false }));
    return {
      seen: (observed) => {
        if (observed.kind !== 'event' || observed.app !== 'two-factor') return;
        const state = of(observed.event);
        if (state.locked && /^Attempt|^BackupCodeUsed/.test(observed.name))
          complain(`${observed.name} of ${accountOf(observed.event)}`);
        if (observed.name === 'AccountLocked') state.locked = true;
        if (observed.name === 'UserUnlocked') state.locked = false;
      },
    };
  },
};

export const oneCountOfFailures: Predicate = {
  rule: 'R22',
  says: 'failures in a row are counted one by one, and the limit locks',
  begin: (complain) => {
    const of = perAccount(() => ({ failures: 0, paid: 0, mustLock: false }));
    return {
      seen: (observed) => {
        if (observed.kind !== 'event' || observed.app !== 'two-factor') return;
        const state = of(observed.event);
        const account = accountOf(observed.event);
        if (state.mustLock && observed.name !== 'AccountLocked') complain(`${account} was not locked at the limit`);
        state.mustLock = false;
        if (observed.name === 'AttemptFailed') {
          const { failedAttempts, maxFailedAttempts } = dataOf(observed.event) as Record<string, number>;
          if (failedAttempts !== state.failures + 1) {
            complain(`${account}: failure ${state.failures + 1} was counted as ${failedAttempts}`);
          }
          state.failures = failedAttempts!;
          state.mustLock = failedAttempts! - state.paid >= maxFailedAttempts! || failedAttempts! >= 100;
        }
        // what a lock that ended by itself was for still counts, but not for the next one (R38)
        if (isEndOfLock(observed)) state.paid = state.failures;
        else if (observed.name === 'AttemptSucceeded' || observed.name === 'UserUnlocked')
          Object.assign(state, { failures: 0, paid: 0 });
      },
    };
  },
};

export const eachStepOnce: Predicate = {
  rule: 'R18',
  says: 'a code of an authenticator passes once, and none of before it afterwards; nor one of an authenticator that is gone',
  begin: (complain) => {
    const of = perAccount(() => ({ steps: new Map<string, number>(), goneUntil: -1 }));
    return {
      seen: (observed) => {
        if (observed.kind !== 'event' || observed.app !== 'two-factor') return;
        const { name, event } = observed;
        const data = dataOf(event) as {
          authenticatorId?: string;
          secretId?: string;
          reason?: string;
          timeStep?: number;
          alsoMatched?: { authenticatorId: string; timeStep: number }[];
        };
        const state = of(event);
        const { steps } = state;
        const leave = (ids: Iterable<string>) => {
          for (const id of [...ids]) {
            state.goneUntil = Math.max(state.goneUntil, steps.get(id) ?? -1);
            steps.delete(id);
          }
        };
        if (name === 'AuthenticatorRemoved') leave([data.authenticatorId!]);
        if (name === 'TwoFactorDisabled' || (name === 'SecretIssued' && data.reason !== 'add')) leave(steps.keys());
        const { authenticatorId, secretId, timeStep, alsoMatched = [] } = data;
        if (timeStep === undefined) return;
        for (const passed of [{ authenticatorId: authenticatorId ?? secretId!, timeStep }, ...alsoMatched]) {
          const before = steps.get(passed.authenticatorId) ?? state.goneUntil;
          if (passed.timeStep <= before) complain(`step ${passed.timeStep} of ${accountOf(event)} after ${before}`);
          steps.set(passed.authenticatorId, passed.timeStep);
        }
      },
    };
  },
};

export const challengesOnce: Predicate = {
  rule: 'R21',
  says: 'a challenge passes once',
  begin: (complain) => {
    const passed = new Set<string>();
    return {
      seen: (observed) => {
        if (observed.kind !== 'event' || observed.name !== 'AttemptSucceeded') return;
        const { challengeId } = dataOf(observed.event) as { challengeId?: string };
        if (challengeId === undefined) return;
        if (passed.has(challengeId)) complain(`challenge ${challengeId} twice`);
        passed.add(challengeId);
      },
    };
  },
};

export const backupCodesOnce: Predicate = {
  rule: 'R10',
  says: 'a backup code passes once, and none of a set that was replaced',
  begin: (complain) => {
    const of = perAccount(() => ({ setId: '', used: new Set<number>() }));
    return {
      seen: (observed) => {
        if (observed.kind !== 'event' || observed.app !== 'two-factor') return;
        const state = of(observed.event);
        if (observed.name === 'BackupCodesIssued') {
          state.setId = dataOf(observed.event).setId as string;
          state.used.clear();
        }
        if (observed.name === 'BackupCodeUsed') {
          const { setId, index } = dataOf(observed.event) as { setId: string; index: number };
          if (setId !== state.setId || state.used.has(index)) complain(`code ${index} of ${accountOf(observed.event)}`);
          state.used.add(index);
        }
      },
    };
  },
};

export const whoIsActing: Predicate = {
  rule: 'R46',
  says: 'each event says where it comes from: its request, who acted, its session and challenge',
  begin: byLedger((complain, ledger) => ({
    seen: (observed) => {
      if (observed.kind !== 'event') return;
      const { actor, context } = observed.event;
      const data = observed.event.data as { challengeId?: string };
      const { correlationId, entrance, challengeId } = context;
      if (!correlationId || !entrance) return complain(`${observed.name} has no origin`);
      if (data.challengeId !== undefined && data.challengeId !== challengeId)
        complain(`${observed.name} is of ${data.challengeId} and says ${challengeId}`);
      const request = ledger.requestOf(observed.event);
      if (entrance !== 'http' && !(entrance === 'bus' && request?.call.command)) return;
      if (!request) return complain(`${observed.name} names the request ${correlationId}, which nobody made`);
      // whoever typed a wrong password, nobody was proved
      if (request.by === undefined || observed.name.endsWith('LoginFailed')) return;
      const expected = request.by === 'operator' ? 'operator' : 'scopes' in request.by ? 'service' : 'person';
      const is = actor.kind === 'user' || actor.kind === 'administrator' ? 'person' : actor.kind;
      const who = ledger.personOf(request) ?? request.by;
      if (is !== expected || (typeof who === 'object' && actor.id !== who.id))
        complain(`${observed.name} by ${actor.kind} ${actor.id}, in a request by ${expected}`);
    },
  })),
};

export const noMoreGuesses: Predicate = {
  rule: 'R24',
  says: 'no more wrong codes are looked at than the limit of their time',
  begin: byLedger((complain, ledger) => {
    const of = perAccount(() => ({ guesses: 0, reached: false }));
    return {
      seen: (observed) => {
        if (observed.kind !== 'event' || observed.app !== 'two-factor') return;
        const state = of(observed.event);
        if (observed.name === 'AttemptSucceeded' || observed.name === 'UserUnlocked')
          Object.assign(state, { guesses: 0, reached: false });
        if (observed.name !== 'AttemptFailed') return;
        const { portal, account } = observed.event;
        if (state.reached) complain(`${portal}/${account}: one more after ${state.guesses}`);
        state.guesses += 1;
        // a limit that is lowered later counts from the next failure on
        const request = ledger.requestOf(observed.event);
        const limits = ledger.portal(portal).limit.possibleSince(request?.place ?? 0);
        state.reached = limits.every((limit) => state.guesses >= limit);
      },
    };
  }),
};

const own = [
  ...['SecretIssued', 'TwoFactorEnabled', 'AuthenticatorAdded', 'AuthenticatorRenamed', 'AuthenticatorRemoved'],
  'BackupCodesIssued',
];
export const oneselfAlone: Predicate = {
  rule: 'R45',
  says: 'authenticators are their owner’s affair, and three at most',
  begin: byLedger((complain, ledger) => ({
    seen: (observed) => {
      if (observed.kind !== 'event' || !own.includes(observed.name)) return;
      const { actor, portal, account } = observed.event;
      if (actor.kind !== 'user' || actor.id !== account)
        complain(`${observed.name} of ${accountOf(observed.event)} by ${actor.kind} ${actor.id}`);
      const { authenticators } = ledger.account(portal, account!).secondFactor.now;
      if (authenticators.size > 3) complain(`${accountOf(observed.event)} has ${authenticators.size}`);
    },
  })),
};
