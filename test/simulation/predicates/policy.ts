import type { Answered } from '../world/history.js';
import { byBrowser, isByBrowser } from './browser-history.js';
import { activeSince } from './active-since.js';
import { isGood } from './ledger.js';
import { byLedger, type Predicate } from './predicate.js';

export const presentLimit: Predicate = {
  rule: 'R02',
  says: 'the limit that was answered holds for the next attempt',
  begin: byLedger((complain, ledger) => ({
    seen: (observed) => {
      if (observed.kind !== 'event' || observed.name !== 'AttemptFailed') return;
      const { portal, account, data } = observed.event;
      const request = ledger.requestOf(observed.event);
      if (!request) return;
      const limits = ledger.portal(portal).limit.possibleSince(request.place);
      const { maxFailedAttempts } = data as Record<string, number>;
      if (!limits.includes(maxFailedAttempts!))
        complain(`${portal}/${account}: ${maxFailedAttempts}, and it was ${limits.join(' or ')}`);
    },
  })),
};

const opened = (observed: Answered) => observed.name === 'openChallenge' && isGood(observed);

export const codeWhereActive: Predicate = {
  rule: 'R16',
  says: 'where 2FA is active nobody is in without a code',
  begin: byLedger((complain, ledger) => {
    const passed = new Set<string>();
    return {
      seen: (observed) => {
        if (observed.kind === 'event') {
          const { portal, account, data, context } = observed.event;
          if (observed.name === 'AttemptSucceeded') passed.add(`${portal}/${account} ${context.correlationId}`);
          if (observed.name !== 'LoginSucceeded') return;
          const { method } = data as { method: string };
          const request = ledger.requestOf(observed.event);
          if (!request) return;
          if (method === 'password' && !activeSince(ledger, portal, account!, request).mayNot)
            complain(`${portal}/${account} logged in by password alone`);
          // a remembered browser has passed one before, as long as it is remembered (R39)
          const byCode = method.startsWith('password+') && method !== byBrowser;
          if (byCode && !passed.has(`${portal}/${account} ${context.correlationId}`))
            complain(`${portal}/${account} logged in by ${method}, and no code had passed`);
        }
        if (observed.kind !== 'answered' || !opened(observed)) return;
        const { required } = observed.answer.body as { required: boolean };
        const { portal, id } = observed.on!;
        if (!required && !activeSince(ledger, portal, id, ledger.requests.get(observed.requestId)!).mayNot)
          complain(`a gateway was told that ${portal}/${id} needs no code`);
      },
    };
  }),
};

export const noCodeWhereOff: Predicate = {
  rule: 'R20',
  says: 'where 2FA is off no code is asked for, or looked at, and no browser is in place of one',
  begin: byLedger((complain, ledger) => ({
    seen: (observed) => {
      if (observed.kind === 'event' && (observed.name === 'AttemptSucceeded' || observed.name === 'AttemptFailed')) {
        const { portal, account } = observed.event;
        const request = ledger.requestOf(observed.event);
        if (request && !activeSince(ledger, portal, account!, request).may)
          complain(`${observed.name} of ${portal}/${account}`);
      }
      if (observed.kind === 'event' && isByBrowser(observed)) {
        const { portal, account } = observed.event;
        const request = ledger.requestOf(observed.event);
        if (request && !activeSince(ledger, portal, account!, request).may)
          complain(`${portal}/${account} logged in by a browser`);
      }
      if (observed.kind !== 'answered' || !opened(observed)) return;
      const { required } = observed.answer.body as { required: boolean };
      const { portal, id } = observed.on!;
      if (required && !activeSince(ledger, portal, id, ledger.requests.get(observed.requestId)!).may)
        complain(`a gateway was told that ${portal}/${id} needs a code`);
    },
  })),
};
