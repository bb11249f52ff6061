import type { Known, Ledger } from './ledger.js';

/** Whether 2FA may have been active for the account, and whether it may not, as a request that began then found it. */
export function activeSince(ledger: Ledger, portal: string, id: string, { place, requestId }: Known) {
  const { enabled, addOn } = ledger.portal(portal);
  const { type, secondFactor } = ledger.account(portal, id);
  const facts = [
    enabled.possibleSince(place, requestId),
    addOn.possibleSince(place, requestId),
    type
      .possibleSince(place, requestId)
      .filter((known) => known !== undefined)
      .map((known) => known === 'contributor'),
    // from its registration on, one that is imported is asked for its code
    secondFactor
      .since(place, requestId)
      .flatMap(({ status, imports }) => (imports.size > 0 ? [true, false] : [status === 'enabled'])),
  ];
  return { may: facts.every((one) => one.includes(true)), mayNot: facts.some((one) => one.includes(false)) };
}
