import { idOfCommand } from '../world/signed-acts.js';
import type { Answered } from '../world/history.js';
import type { Service } from '../world/cast.js';
import { isGood } from './ledger.js';
import { byLedger, type Predicate } from './predicate.js';

const changes = [
  ...['AttemptFailed', 'AttemptSucceeded', 'UserUnlocked', 'TwoFactorDisabled'],
  ...['AccountSuspended', 'AccountResumed', 'AccountDeleted'],
];

export const commandsOnce: Predicate = {
  rule: 'R33',
  says: 'a signed command is carried out once, however often it is delivered',
  begin: byLedger((complain, ledger) => {
    const recorded = new Set<string>();
    return {
      seen: (observed) => {
        if (observed.kind !== 'event' || !changes.includes(observed.name)) return;
        const { portal, account, context } = observed.event;
        if (!ledger.requestOf(observed.event)?.call.command) return;
        const key = `${observed.name} of ${portal}/${account} by ${context.correlationId}`;
        if (recorded.has(key)) complain(`${key}, twice`);
        recorded.add(key);
      },
    };
  }),
};

export const commandsAsTheyAre: Predicate = {
  rule: 'R33',
  says: 'no command is carried out that is old, of the future, of another key, or whose id was used for another',
  begin: byLedger((complain, ledger) => {
    /** From where in the history on they are known. */
    const done = new Map<string, { readonly jws: string; readonly place: number }>();
    const check = ({ name, call, by, requestId }: Answered) => {
      const { jti, jws, flaw, key } = call.command!;
      const id = idOfCommand(by as Service, jti);
      const before = done.get(id);
      if (flaw === 'old' || flaw === 'of the future') complain(`${name}, which was ${flaw}`);
      if (key !== `${call.params!.portal}/${call.params!.account}`) complain(`${name} with the key of another`);
      if (before && before.jws !== jws && before.place < ledger.requests.get(requestId)!.place)
        complain(`${name} by the id ${jti}, which was used for another`);
      if (!before) done.set(id, { jws, place: ledger.place });
    };
    return {
      seen: (observed) =>
        void (observed.kind === 'answered' && observed.call.command && isGood(observed) && check(observed)),
    };
  }),
};
