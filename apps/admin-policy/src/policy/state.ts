import {
  type AdminPolicyEvent,
  initialTwoFactorSettings,
  type SsoSettings,
  type TwoFactorSettings,
  wholeSettings,
} from '#libs/contracts/src/events/admin-policy.js';

/** What the log says of one portal's policy. */
export interface PortalPolicy {
  readonly twoFactor: TwoFactorSettings;
  /** The Enterprise Security add-on. */
  readonly addOn: boolean;
  readonly sso: SsoSettings | null;
  /** Ids of the service tokens that are good. */
  readonly serviceTokens: readonly string[];
}

export const initial: PortalPolicy = {
  twoFactor: initialTwoFactorSettings,
  addOn: false,
  sso: null,
  serviceTokens: [],
};

export function evolve(state: PortalPolicy, event: AdminPolicyEvent): PortalPolicy {
  switch (event.type) {
    case 'SettingsChanged':
      return { ...state, twoFactor: wholeSettings(event.data.to) };
    case 'AddOnGranted':
      return { ...state, addOn: true };
    case 'AddOnRevoked':
      return { ...state, addOn: false };
    case 'SsoChanged':
      return { ...state, sso: event.data.to };
    case 'ServiceTokenIssued':
      return { ...state, serviceTokens: [...state.serviceTokens, event.data.tokenId] };
    case 'ServiceTokenRevoked':
      return { ...state, serviceTokens: state.serviceTokens.filter((id) => id !== event.data.tokenId) };
    default:
      return event satisfies never;
  }
}

/** Whether logins of the portal may be asked for codes: turned on, and the add-on is present (R03). */
export const isEffective = ({ twoFactor, addOn }: PortalPolicy): boolean => twoFactor.enabled && addOn;

export const isGood = ({ serviceTokens }: PortalPolicy, tokenId: string): boolean => serviceTokens.includes(tokenId);
