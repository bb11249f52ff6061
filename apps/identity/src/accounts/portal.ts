import type { Fold } from '#libs/event-store/src/decision.js';
import { type PortalEvent, portalEvents } from './events.js';

/** What the log says of one portal: that it exists, and who its administrators are (R04). */
export interface Portal {
  readonly created: boolean;
  /** Account ids, in the order of their appointment. */
  readonly administrators: readonly string[];
  /** Version of the stream's last event. */
  readonly version: number;
  /** Version of the last event that other apps act by (R28). */
  readonly factVersion: number;
}

export const initialPortal: Portal = { created: false, administrators: [], version: 0, factVersion: 0 };

export function evolvePortal(state: Portal, event: PortalEvent): Portal {
  const version = state.version + 1;
  const withFact = (administrators: readonly string[]): Portal => ({
    created: true,
    administrators,
    version,
    factVersion: version,
  });

  switch (event.type) {
    case 'PortalCreated':
      return withFact([event.data.administrator]);
    case 'AdministratorAppointed':
      return withFact([...state.administrators, event.data.accountId]);
    case 'AdministratorRemoved':
      return withFact(state.administrators.filter((id) => id !== event.data.accountId));
    case 'UnknownLoginFailed':
      return { ...state, version };
    default:
      return event satisfies never;
  }
}

export const portalFold: Fold<Portal, PortalEvent> = {
  app: 'identity',
  contracts: portalEvents,
  initial: initialPortal,
  evolve: evolvePortal,
  snapshotVersion: 1,
};
