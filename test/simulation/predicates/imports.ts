import type { ImportResult } from '#libs/contracts/src/http/import.js';
import { isGood } from './ledger.js';
import { byLedger, type Predicate } from './predicate.js';

export const importedWithItsFactor: Predicate = {
  rule: 'R36',
  says: 'an account that is imported with a second factor is known, and logs in, with it alone; what exists is not changed',
  begin: byLedger((complain, ledger) => {
    /** Imports that a registration names and that do not count yet, by account. */
    const awaited = new Map<string, string>();
    /** By the id of a request: what it has recorded of which account. */
    const changed = new Map<string, Set<string>>();
    return {
      seen: (observed) => {
        if (observed.kind === 'event') {
          const { portal, account = '', data } = observed.event;
          const key = `${portal}/${account}`;
          const { importId } = data as { importId?: string };
          if (observed.name === 'AccountRegistered' && importId !== undefined) awaited.set(key, importId);
          if (observed.name === 'SecondFactorImported') {
            if (awaited.get(key) !== importId) complain(`${key} has what import ${importId} brought`);
            awaited.delete(key);
          }
          if (observed.name === 'SecondFactorErased') awaited.delete(key);
          if (observed.name === 'LoginSucceeded' && awaited.has(key)) complain(`${key} logged in without it`);
          const request = ledger.requestOf(observed.event);
          if (request?.name === 'importAccounts' && observed.app === 'identity')
            changed.set(request.requestId, (changed.get(request.requestId) ?? new Set()).add(account));
        }
        if (observed.kind !== 'answered' || observed.name !== 'importAccounts' || !isGood(observed)) return;
        const { portal } = observed.call.params!;
        for (const { outcome, id } of observed.answer.body as ImportResult[]) {
          if (outcome === 'created' && awaited.has(`${portal}/${id}`)) complain(`${portal}/${id} is told as created`);
          if (outcome === 'exists' && changed.get(observed.requestId)?.has(id!) && awaited.has(`${portal}/${id}`))
            complain(`${portal}/${id}, which is told as there, was changed`);
        }
      },
      atRest: () => {
        for (const [account, importId] of awaited) complain(`${account} never got what import ${importId} brought`);
      },
    };
  }),
};
