import { byLedger, type Predicate } from './predicate.js';

/** What each of these calls brings, and may bring once. */
const brought = { loginWithSso: 'idToken', completeSsoLogin: 'ssoLogin' } as const;
const isOne = (name: string | undefined): name is keyof typeof brought => name !== undefined && name in brought;

export const idTokensOnce: Predicate = {
  rule: 'R19',
  says: 'an ID token, or a login that was begun at the provider, logs in once, in its time, whom the provider has signed for',
  begin: byLedger((complain, ledger) => {
    const used = new Set<string>();
    return {
      seen: (observed) => {
        if (observed.kind !== 'event' || observed.name !== 'LoginSucceeded') return;
        const request = ledger.requestOf(observed.event);
        if (!request || !isOne(request.name)) return;
        const { portal, account } = observed.event;
        const token = (request.call.body as Record<string, string>)[brought[request.name]]!;
        const { flaw } = request.call;
        if (flaw !== undefined) complain(`${portal}/${account} by one that is ${flaw}`);
        if (used.has(token)) complain(`${portal}/${account} by one that was used`);
        used.add(token);
      },
    };
  }),
};
