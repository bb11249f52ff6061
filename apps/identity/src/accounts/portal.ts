import type { Fold } from '#libs/event-store/src/decision.js';
import { type PortalEvent, portalEvents } from './events.js';

/** What the log says of one portal: that it exists, and who its administrators are (R04). */
export interface Portal {
  readonly created: boolean;
  /** Account ids, in the order of their appointment. */
  readonly administrators: readonly string[];
}

export const initialPortal: Portal = { created: false, administrators: [] };

export function evolvePortal(state: Portal, event: PortalEvent): Portal {
  switch (event.type) {
    case 'PortalCreated':
      return { created: true, administrators: [event.data.administrator] };
    case 'AdministratorAppointed':
      return { ...state, administrators: [...state.administrators, event.data.accountId] };
    case 'AdministratorRemoved':
      return { ...state, administrators: state.administrators.filter((id) => id !== event.data.accountId) };
    case 'UnknownLoginFailed':
      return state;
    default:
      return event satisfies never;
  }
}

export const portalFold: Fold<Portal, PortalEvent> = {
  app: 'identity',
  contracts: portalEvents,
  initial: initialPortal,
  evolve: evolvePortal,
  snapshotVersion: 2,
};
