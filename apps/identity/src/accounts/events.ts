import { identityEvents, type IdentityEvent } from '#libs/contracts/src/events/identity.js';

const {
  PortalCreated,
  AdministratorAppointed,
  AdministratorRemoved,
  AdministratorSuspended,
  AdministratorResumed,
  UnknownLoginFailed,
  ...ofAccounts
} = identityEvents;

/** What stands in a portal's stream. */
export const portalEvents = {
  PortalCreated,
  AdministratorAppointed,
  AdministratorRemoved,
  AdministratorSuspended,
  AdministratorResumed,
  UnknownLoginFailed,
};
/** What stands in an account's stream. */
export const accountEvents = ofAccounts;

export type PortalEvent = Extract<IdentityEvent, { type: keyof typeof portalEvents }>;
export type AccountEvent = Extract<IdentityEvent, { type: keyof typeof accountEvents }>;
