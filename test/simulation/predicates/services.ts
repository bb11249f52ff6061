import { calls } from '../world/acts.js';
import type { Answered } from '../world/history.js';
import { isGood } from './ledger.js';
import { byLedger, type Predicate } from './predicate.js';

/** What is closed to services of an administrator's account. */
const ofAccounts = ['getAccount', 'changeAccount', 'suspendAccount', 'resumeAccount', 'deleteAccount'];

export const servicesKeepToTheirScopes: Predicate = {
  rule: 'R33',
  says: 'a service does what its scopes allow, in its portal, and nothing to administrators',
  begin: byLedger((complain, ledger) => {
    const revokedFrom = new Map<string, number>();
    const check = (observed: Answered) => {
      const { by, name, call, on, requestId } = observed;
      if (typeof by !== 'object' || !('scopes' in by)) return;
      const { place } = ledger.requests.get(requestId)!;
      const told = `${name} by a service with ${by.scopes.join(', ') || 'no scope'}`;
      const { allow, closedToServices = [] } = calls[name];
      const isPublic = (allow as readonly string[]).includes('public');
      if (!isPublic && !by.scopes.some((scope) => (allow as readonly string[]).includes(`service:${scope}`)))
        complain(told);
      if (call.params?.portal !== undefined && call.params.portal !== by.portal) complain(`${told} of another portal`);
      const closed = closedToServices.find((member) => (call.body as Record<string, unknown>)[member] !== undefined);
      if (closed !== undefined) complain(`${told}, with ${closed}`);
      if ((revokedFrom.get(by.id) ?? Infinity) < place) complain(`${told}, which was revoked`);
      if (!ofAccounts.includes(name) || call.params?.account !== on!.id) return;
      const { administrator } = ledger.account(on!.portal, on!.id);
      if (administrator.since(place).every((is) => is)) complain(`${told} of an administrator`);
    };
    return {
      seen: (observed) => {
        if (observed.kind !== 'answered' || !isGood(observed)) return;
        check(observed);
        if (observed.name === 'revokeServiceToken') revokedFrom.set(observed.call.params!.token!, ledger.place);
      },
    };
  }),
};

export const oneAdministratorIsLeft: Predicate = {
  rule: 'R41',
  says: 'a portal keeps an administrator who can log in',
  begin: byLedger((complain, ledger) => ({
    seen: (observed) => {
      if (observed.kind !== 'event' || !observed.name.startsWith('Administrator')) return;
      const { portal } = observed.event;
      const { administrators } = ledger.portal(portal);
      if (![...administrators.values()].includes(false)) complain(`${portal} after ${observed.name}`);
    },
    atRest: ({ portals }) => {
      for (const portal of portals) {
        const left = [...ledger.portal(portal).administrators.keys()].filter((id) => {
          const { suspended, deleted, type } = ledger.account(portal, id);
          return !suspended.now && !deleted && type.now === 'contributor';
        });
        if (left.length === 0) complain(`${portal} at rest`);
      }
    },
  })),
};
