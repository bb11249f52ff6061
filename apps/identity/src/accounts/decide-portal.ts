import type { Refusal } from '#libs/contracts/src/problems.js';
import type { Decision } from '#libs/event-store/src/decision.js';
import type { PortalEvent } from '#libs/contracts/src/events/identity.js';
import type { Portal } from './portal.js';

export type PortalCommand =
  | { readonly type: 'Create'; readonly administrator: string }
  | { readonly type: 'AppointAdministrator'; readonly accountId: string; readonly suspended?: boolean }
  | { readonly type: 'RemoveAdministrator'; readonly accountId: string }
  /** What the account's own stream says, if it is an administrator's. */
  | { readonly type: 'SuspendAdministrator'; readonly accountId: string }
  | { readonly type: 'ResumeAdministrator'; readonly accountId: string }
  | { readonly type: 'RecordUnknownLogin' };

export type PortalRefusal = Refusal<'portal-exists' | 'not-found' | 'last-administrator'>;
export type PortalAnswer = { readonly changed: boolean } | PortalRefusal;
export type PortalDecision = Decision<PortalEvent, PortalAnswer>;

/**
 * Who administers a portal, and who of them can log in, is decided in one stream, so that two removals or suspensions at once
 * cannot leave none (R04, R41).
 */
export function decidePortal(command: PortalCommand, portal: Portal): PortalDecision {
  const { created, administrators, suspended } = portal;
  if (command.type === 'Create') {
    return created
      ? refuse('portal-exists')
      : accept({ type: 'PortalCreated', data: { administrator: command.administrator } });
  }
  if (!created) return { events: [], answer: noSuchPortal };

  switch (command.type) {
    case 'AppointAdministrator': {
      const { accountId } = command;
      if (administrators.includes(accountId)) return unchanged;
      const asSuspended = command.suspended ? [{ type: 'AdministratorSuspended', data: { accountId } } as const] : [];
      return accept({ type: 'AdministratorAppointed', data: { accountId } }, ...asSuspended);
    }
    case 'RemoveAdministrator': {
      const { accountId } = command;
      if (!administrators.includes(accountId)) return unchanged;
      return isLast(portal, accountId)
        ? refuse('last-administrator')
        : accept({ type: 'AdministratorRemoved', data: { accountId } });
    }
    case 'SuspendAdministrator': {
      const { accountId } = command;
      if (!administrators.includes(accountId) || suspended.includes(accountId)) return unchanged;
      return isLast(portal, accountId)
        ? refuse('last-administrator')
        : accept({ type: 'AdministratorSuspended', data: { accountId } });
    }
    case 'ResumeAdministrator': {
      const { accountId } = command;
      return suspended.includes(accountId) ? accept({ type: 'AdministratorResumed', data: { accountId } }) : unchanged;
    }
    case 'RecordUnknownLogin':
      return accept({ type: 'UnknownLoginFailed', data: {} });
    default:
      return command satisfies never;
  }
}

/** Whether nobody who can log in would administer the portal without that account. */
const isLast = ({ administrators, suspended }: Portal, accountId: string): boolean =>
  administrators.every((id) => id === accountId || suspended.includes(id));

export const noSuchPortal: PortalRefusal = { refused: 'not-found', detail: 'There is no such portal.' };
const unchanged: PortalDecision = { events: [], answer: { changed: false } };
const accept = (...events: PortalEvent[]): PortalDecision => ({ events, answer: { changed: true } });
const refuse = (refused: PortalRefusal['refused']): PortalDecision => ({ events: [], answer: { refused } });
