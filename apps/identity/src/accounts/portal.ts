import type { Fold } from '#libs/event-store/src/decision.js';
import { type PortalEvent, portalEvents } from '#libs/contracts/src/events/identity.js';

/** What the log says of one portal: that it exists, and who its administrators are (R04). */
export interface Portal {
  readonly created: boolean;
  /** Account ids, in the order of their appointment. */
  readonly administrators: readonly string[];
  /** Those of them who cannot log in (R41). */
  readonly suspended: readonly string[];
}

export const initialPortal: Portal = { created: false, administrators: [], suspended: [] };

export function evolvePortal(state: Portal, event: PortalEvent): Portal {
  switch (event.type) {
    case 'PortalCreated':
      return { ...state, created: true, administrators: [event.data.administrator] };
    case 'AdministratorAppointed':
      return { ...state, administrators: [...state.administrators, event.data.accountId] };
    case 'AdministratorRemoved':
      return {
        ...state,
        administrators: without(state.administrators, event.data.accountId),
        suspended: without(state.suspended, event.data.accountId),
      };
    case 'AdministratorSuspended':
      return { ...state, suspended: [...state.suspended, event.data.accountId] };
    case 'AdministratorResumed':
      return { ...state, suspended: without(state.suspended, event.data.accountId) };
    case 'UnknownLoginFailed':
      return state;
    default:
      return event satisfies never;
  }
}

const without = (ids: readonly string[], id: string) => ids.filter((each) => each !== id);

export const portalFold: Fold<Portal, PortalEvent> = {
  app: 'identity',
  contracts: portalEvents,
  initial: initialPortal,
  evolve: evolvePortal,
  snapshotVersion: 3,
};
