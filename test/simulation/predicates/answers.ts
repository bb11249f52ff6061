import type { Predicate } from './predicate.js';
import type { Answered } from '../world/history.js';

const isGood = ({ answer }: Answered) => answer.status >= 200 && answer.status < 300;
const codeOf = ({ answer }: Answered) => (answer.body as { code?: string } | undefined)?.code;

export const answeredIsRecorded: Predicate = {
  rule: 'R28',
  says: 'an answer to an attempt follows its event',
  begin: (complain) => {
    /** Of each account, attempts that are recorded and that nobody was told of. */
    const untold = new Map<string, Record<'AttemptSucceeded' | 'AttemptFailed', number>>();
    const of = (account: string) => {
      const known = untold.get(account) ?? { AttemptSucceeded: 0, AttemptFailed: 0 };
      untold.set(account, known);
      return known;
    };
    return {
      seen: (observed) => {
        if (observed.kind === 'event' && (observed.name === 'AttemptSucceeded' || observed.name === 'AttemptFailed')) {
          of(observed.event.account!)[observed.name] += 1;
        }
        if (observed.kind !== 'answered' || !['loginWithCode', 'verifyChallenge'].includes(observed.name)) return;
        const account = of(observed.on!.id);
        const outcome = isGood(observed)
          ? 'AttemptSucceeded'
          : codeOf(observed) === 'wrong-code'
            ? 'AttemptFailed'
            : undefined;
        if (outcome && (account[outcome] -= 1) < 0)
          complain(`${observed.name} of ${observed.on!.username} was answered, not recorded`);
      },
    };
  },
};

/** A call that was asked after another was answered sees what it did. */
export const suspendedMeansOut: Predicate = {
  rule: 'R41',
  says: 'after a suspension is answered nobody logs in, until somebody asks to resume it',
  begin: (complain) => {
    const suspendedAt = new Map<string, number>();
    const asked = new Map<number, number>();
    const entering = ['login', 'loginWithCode', 'loginWithToken', 'openChallenge', 'verifyChallenge'];
    return {
      seen: (observed) => {
        if (observed.kind === 'asked') {
          asked.set(observed.number, observed.at);
          if (observed.name === 'resumeAccount' && observed.on) suspendedAt.delete(observed.on.id);
        }
        if (observed.kind !== 'answered' || !observed.on) return;
        const { id, username } = observed.on;
        if (observed.name === 'suspendAccount' && isGood(observed)) {
          // a resumption that was asked for before may still come
          suspendedAt.set(id, observed.at);
        }
        const since = suspendedAt.get(id);
        if (since === undefined || !entering.includes(observed.name) || !isGood(observed)) return;
        if (asked.get(observed.number)! > since) complain(`${observed.name} of ${username} passed`);
      },
    };
  },
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
