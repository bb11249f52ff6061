import { maxFailedAttempts } from '#libs/contracts/src/rules.js';
import type { AdminPolicyEvent, SsoSettings, TwoFactorSettings } from './events.js';

/** What the log says of one portal's policy. */
export interface Policy {
  readonly twoFactor: TwoFactorSettings;
  /** The Enterprise Security add-on. */
  readonly addOn: boolean;
  readonly sso: SsoSettings | null;
  /** Ids of the service tokens that are good. */
  readonly serviceTokens: readonly string[];
  /** How many events are folded: the version of the stream. */
  readonly version: number;
  /** Version of the last event that each app acts by; 0 before the first. A change is answered once the app has adopted it (R28). */
  readonly enforced: Readonly<Record<Enforcer, number>>;
}

export type Enforcer = 'two-factor' | 'identity';

export const initial: Policy = {
  twoFactor: { enabled: false, maxFailedAttempts: maxFailedAttempts.byDefault },
  addOn: false,
  sso: null,
  serviceTokens: [],
  version: 0,
  enforced: { 'two-factor': 0, identity: 0 },
};

export function evolve(state: Policy, event: AdminPolicyEvent): Policy {
  const version = state.version + 1;
  const enforcedBy = (app: Enforcer) => ({ version, enforced: { ...state.enforced, [app]: version } });
  switch (event.type) {
    case 'SettingsChanged':
      return { ...state, ...enforcedBy('two-factor'), twoFactor: event.data.to };
    case 'AddOnGranted':
      return { ...state, ...enforcedBy('two-factor'), addOn: true };
    case 'AddOnRevoked':
      return { ...state, ...enforcedBy('two-factor'), addOn: false };
    case 'SsoChanged':
      return { ...state, ...enforcedBy('identity'), sso: event.data.to };
    case 'ServiceTokenIssued':
      return { ...state, version, serviceTokens: [...state.serviceTokens, event.data.tokenId] };
    case 'ServiceTokenRevoked': {
      const serviceTokens = state.serviceTokens.filter((id) => id !== event.data.tokenId);
      return { ...state, ...enforcedBy('two-factor'), serviceTokens };
    }
    default:
      return event satisfies never;
  }
}

/** Whether logins of the portal may be asked for codes: turned on, and the add-on is present (R03). */
export const isEffective = ({ twoFactor, addOn }: Policy): boolean => twoFactor.enabled && addOn;

export const isGood = ({ serviceTokens }: Policy, tokenId: string): boolean => serviceTokens.includes(tokenId);
