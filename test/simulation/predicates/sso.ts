import { byLedger, type Predicate } from './predicate.js';

export const idTokensOnce: Predicate = {
  rule: 'R19',
  says: 'an ID token logs in once, in its time, whom its provider has signed it for',
  begin: byLedger((complain, ledger) => {
    const used = new Set<string>();
    return {
      seen: (observed) => {
        if (observed.kind !== 'event' || observed.name !== 'LoginSucceeded') return;
        const request = ledger.requestOf(observed.event);
        if (request?.name !== 'loginWithSso') return;
        const { portal, account } = observed.event;
        const { idToken } = request.call.body as { idToken: string };
        const { flaw } = request.call;
        if (flaw !== undefined) complain(`${portal}/${account} by one that is ${flaw}`);
        if (used.has(idToken)) complain(`${portal}/${account} by one that was used`);
        used.add(idToken);
      },
    };
  }),
};
