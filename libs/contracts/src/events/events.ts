import { adminPolicyEvents } from './admin-policy.js';
import { type EventContract, type SourceApp, sourceOf } from './event.js';
import { identityEvents } from './identity.js';
import { twoFactorEvents } from './two-factor.js';

/** Every event of every app. */
export const eventContracts: Readonly<Record<SourceApp, readonly EventContract[]>> = {
  identity: Object.values(identityEvents),
  'two-factor': Object.values(twoFactorEvents),
  'admin-policy': Object.values(adminPolicyEvents),
};
export const sourceApps = Object.keys(eventContracts) as readonly SourceApp[];

const { PortalCreated, AdministratorAppointed, AdministratorRemoved, UnknownLoginFailed } = identityEvents;
const ofPortals: readonly EventContract[] = [
  PortalCreated,
  AdministratorAppointed,
  AdministratorRemoved,
  UnknownLoginFailed,
];

/** Whether it stands in the stream of the portal; else in that of the account. */
export const isOfPortal = (contract: EventContract): boolean =>
  sourceOf(contract.type) === 'admin-policy' || ofPortals.includes(contract);
