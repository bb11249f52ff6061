import { adminPolicyEvents } from './admin-policy.js';
import { type EventContract, type SourceApp, typesOf } from './event.js';
import { identityEvents, portalEvents } from './identity.js';
import { twoFactorEvents } from './two-factor.js';

/** Every event of every app. */
export const eventContracts: Readonly<Record<SourceApp, readonly EventContract[]>> = {
  identity: Object.values(identityEvents),
  'two-factor': Object.values(twoFactorEvents),
  'admin-policy': Object.values(adminPolicyEvents),
};
export const sourceApps = Object.keys(eventContracts) as readonly SourceApp[];
/** Whether the app has a log of its own, and keys with it. */
export const isSource = (app: string): app is SourceApp => Object.hasOwn(eventContracts, app);

const byType: ReadonlyMap<string, EventContract> = new Map(
  Object.values(eventContracts)
    .flat()
    .flatMap((contract) => typesOf(contract).map((type) => [type, contract])),
);
/** By its type on the wire, in any version. */
export const contractOf = (type: string): EventContract | undefined => byType.get(type);

const ofPortals: readonly EventContract[] = Object.values(portalEvents);

/** Whether it stands in the stream of the portal; else in that of the account. */
export const isOfPortal = (contract: EventContract): boolean =>
  contract.app === 'admin-policy' || ofPortals.includes(contract);
