import type { RecordedEvent } from '#libs/contracts/src/events/event.js';
import type { Predicate } from './predicate.js';

type Data = Record<string, unknown>;
const accountOf = ({ portal, account = '' }: RecordedEvent) => `${portal}/${account}`;
const dataOf = ({ data }: RecordedEvent) => data as Data;

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
    const of = perAccount(() => ({ failures: 0, mustLock: false }));
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
          state.mustLock = failedAttempts! >= maxFailedAttempts!;
        }
        if (observed.name === 'AttemptSucceeded' || observed.name === 'UserUnlocked') state.failures = 0;
      },
    };
  },
};

export const eachStepOnce: Predicate = {
  rule: 'R18',
  says: 'a code of an authenticator passes once, and none of before it afterwards',
  begin: (complain) => {
    const of = perAccount(() => new Map<string, number>());
    return {
      seen: (observed) => {
        if (observed.kind !== 'event' || observed.app !== 'two-factor') return;
        const {
          authenticatorId,
          secretId,
          timeStep,
          alsoMatched = [],
        } = dataOf(observed.event) as {
          authenticatorId?: string;
          secretId?: string;
          timeStep?: number;
          alsoMatched?: { authenticatorId: string; timeStep: number }[];
        };
        if (timeStep === undefined) return;
        const steps = of(observed.event);
        for (const passed of [{ authenticatorId: authenticatorId ?? secretId!, timeStep }, ...alsoMatched]) {
          const before = steps.get(passed.authenticatorId) ?? -1;
          if (passed.timeStep <= before)
            complain(`step ${passed.timeStep} of ${accountOf(observed.event)} after ${before}`);
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
  says: 'each event says where it comes from',
  begin: (complain) => ({
    seen: (observed) => {
      if (observed.kind !== 'event') return;
      const { correlationId, entrance } = observed.event.context as { correlationId?: string; entrance?: string };
      if (!correlationId || !entrance) complain(`${observed.name} has no origin`);
    },
  }),
};
