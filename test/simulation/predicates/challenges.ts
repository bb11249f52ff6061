import type { Answered, Happened } from '../world/history.js';
import { codeOf, isGood, type Known } from './ledger.js';
import { byLedger, type Predicate } from './predicate.js';

const LASTS_MS = 5 * 60_000;
/** Clocks of two instances differ by as much. */
const SKEW_MS = 4_000;

interface Opened {
  readonly asked: Known;
  /** Place of the answer, and when it came. */
  readonly place: number;
  readonly at: number;
}
const whoOf = ({ by }: Pick<Known, 'by'>) => (typeof by === 'object' ? by.id : by);

/** Challenges that were answered, by their text. */
function challenges() {
  const opened = new Map<string, Opened>();
  return {
    openedBy: (request: Known | undefined) =>
      opened.get((request?.call.body as { challenge?: string } | undefined)?.challenge ?? ''),
    see: (observed: Answered, asked: Known, place: number) => {
      const { challenge } = (observed.answer.body ?? {}) as { challenge?: string };
      if (isGood(observed) && challenge !== undefined) opened.set(challenge, { asked, place, at: observed.at });
    },
  };
}

export const challengesEnd: Predicate = {
  rule: 'R21',
  says: 'a challenge ends by time, lock, unlock, reset, disabling, removal and suspension, and is of whom it was opened for',
  begin: byLedger((complain, ledger) => {
    const { openedBy, see } = challenges();
    const passed = ({ event }: Happened, request: Known, { asked, place, at }: Opened) => {
      const { portal, account } = event;
      const { secondFactor, suspended } = ledger.account(portal, account!);
      const told = `a challenge of ${portal}/${account}`;
      if (request.at > at + LASTS_MS + SKEW_MS) complain(`${told} passed after ${request.at - at} ms`);
      const [then, before] = [secondFactor.since(place)[0]!, secondFactor.since(ledger.place - 1)[0]!];
      if (then.epoch !== before.epoch) complain(`${told} passed after it had ended`);
      if (suspended.sureFrom(request.place) > place) complain(`${told} passed, and it was of before a suspension`);
      if (asked.name === 'openChallenge' && (asked.on!.id !== account || whoOf(asked) !== whoOf(request)))
        complain(`${told} passed for another`);
      if ((asked.name === 'openChallenge') !== (request.name === 'verifyChallenge'))
        complain(`${told} passed at another entrance`);
    };
    return {
      seen: (observed) => {
        if (observed.kind === 'answered') see(observed, ledger.requests.get(observed.requestId)!, ledger.place);
        if (observed.kind !== 'event' || observed.name !== 'AttemptSucceeded') return;
        const request = ledger.requestOf(observed.event);
        const opened = openedBy(request);
        if (request && opened) passed(observed, request, opened);
      },
    };
  }),
};

export const challengesLast: Predicate = {
  rule: 'R21',
  says: 'a wrong code or a newer challenge ends none',
  begin: byLedger((complain, ledger) => {
    const { openedBy, see } = challenges();
    const passed = new Set<string>();
    const mayHaveEnded = (observed: Answered, request: Known, { asked, at }: Opened) => {
      const { portal, id } = asked.on!;
      const { secondFactor, suspended, type } = ledger.account(portal, id);
      const { enabled, addOn } = ledger.portal(portal);
      const states = secondFactor.since(asked.place);
      return (
        whoOf(asked) !== whoOf(request) ||
        observed.at > at + LASTS_MS - 2 * SKEW_MS ||
        passed.has((request.call.body as { challenge: string }).challenge) ||
        states.some(({ epoch, status }) => epoch !== states[0]!.epoch || status !== 'enabled') ||
        suspended.possibleSince(asked.place).length > 1 ||
        [enabled, addOn].some((fact) => fact.possibleSince(asked.place).includes(false)) ||
        type.possibleSince(asked.place).some((one) => one !== 'contributor')
      );
    };
    return {
      seen: (observed) => {
        if (observed.kind === 'event' && observed.name === 'AttemptSucceeded') {
          const { challenge } = (ledger.requestOf(observed.event)?.call.body ?? {}) as { challenge?: string };
          if (challenge !== undefined) passed.add(challenge);
        }
        if (observed.kind !== 'answered') return;
        const request = ledger.requests.get(observed.requestId)!;
        see(observed, request, ledger.place);
        if (observed.name !== 'verifyChallenge' || codeOf(observed) !== 'challenge-ended') return;
        const opened = openedBy(request);
        if (opened?.asked.name === 'openChallenge' && !mayHaveEnded(observed, request, opened))
          complain(`one of ${opened.asked.on!.portal}/${opened.asked.on!.id} was said to have ended`);
      },
    };
  }),
};
