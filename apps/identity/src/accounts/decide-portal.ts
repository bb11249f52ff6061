import type { Refusal } from '#libs/contracts/src/problems.js';
import type { Decision } from '#libs/event-store/src/decision.js';
import type { PortalEvent } from './events.js';
import type { Portal } from './portal.js';

export type PortalCommand =
  | { readonly type: 'Create'; readonly administrator: string }
  | { readonly type: 'AppointAdministrator'; readonly accountId: string }
  | { readonly type: 'RemoveAdministrator'; readonly accountId: string }
  | { readonly type: 'RecordUnknownLogin' };

export type PortalRefusal = Refusal<'portal-exists' | 'not-found' | 'last-administrator'>;
export type PortalAnswer = { readonly changed: boolean } | PortalRefusal;
export type PortalDecision = Decision<PortalEvent, PortalAnswer>;

/** The set of administrators is decided in one stream, so that two removals at once cannot leave none (R04). */
export function decidePortal(command: PortalCommand, { created, administrators }: Portal): PortalDecision {
  if (command.type === 'Create') {
    return created
      ? refuse('portal-exists')
      : accept({ type: 'PortalCreated', data: { administrator: command.administrator } });
  }
  if (!created) return { events: [], answer: noSuchPortal };

  switch (command.type) {
    case 'AppointAdministrator': {
      const { accountId } = command;
      return administrators.includes(accountId)
        ? unchanged
        : accept({ type: 'AdministratorAppointed', data: { accountId } });
    }
    case 'RemoveAdministrator': {
      const { accountId } = command;
      if (!administrators.includes(accountId)) return unchanged;
      return administrators.length > 1
        ? accept({ type: 'AdministratorRemoved', data: { accountId } })
        : refuse('last-administrator');
    }
    case 'RecordUnknownLogin':
      return accept({ type: 'UnknownLoginFailed', data: {} });
    default:
      return command satisfies never;
  }
}

export const noSuchPortal: PortalRefusal = { refused: 'not-found', detail: 'There is no such portal.' };
const unchanged: PortalDecision = { events: [], answer: { changed: false } };
const accept = (event: PortalEvent): PortalDecision => ({ events: [event], answer: { changed: true } });
const refuse = (refused: PortalRefusal['refused']): PortalDecision => ({ events: [], answer: { refused } });
