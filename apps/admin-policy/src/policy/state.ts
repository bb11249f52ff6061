import type { ClientMetadata } from '#libs/contracts/src/http/clients.js';
import type { ServiceScope } from '#libs/contracts/src/primitives.js';
import {
  type AdminPolicyEvent,
  initialProfile,
  initialTwoFactorSettings,
  type PortalProfile,
  type SsoSettings,
  type TwoFactorSettings,
  wholeProfile,
  wholeSettings,
} from '#libs/contracts/src/events/admin-policy.js';

/** What the log says of one portal's policy. */
export interface PortalPolicy {
  readonly twoFactor: TwoFactorSettings;
  /** The Enterprise Security add-on. */
  readonly addOn: boolean;
  readonly profile: PortalProfile;
  readonly sso: SsoSettings | null;
  /** Service tokens that are not revoked, the oldest first. */
  readonly serviceTokens: readonly IssuedToken[];
  /** Of the portal's OpenID Provider, the oldest first. */
  readonly clients: readonly RegisteredClient[];
}

export interface RegisteredClient {
  readonly clientId: string;
  readonly metadata: ClientMetadata;
  /** Milliseconds. */
  readonly registeredAt: number;
}

export interface IssuedToken {
  readonly tokenId: string;
  readonly name: string;
  readonly scopes: readonly ServiceScope[];
  readonly publicKey: boolean;
  /** Milliseconds. */
  readonly issuedAt: number;
  readonly expiresAt: number | null;
}

export const initial: PortalPolicy = {
  twoFactor: initialTwoFactorSettings,
  addOn: false,
  profile: initialProfile,
  sso: null,
  serviceTokens: [],
  clients: [],
};

/** `at` is the time of the event in milliseconds. */
export function evolve(state: PortalPolicy, event: AdminPolicyEvent, at: number): PortalPolicy {
  switch (event.type) {
    case 'SettingsChanged':
      return { ...state, twoFactor: wholeSettings(event.data.to) };
    case 'AddOnGranted':
      return { ...state, addOn: true };
    case 'AddOnRevoked':
      return { ...state, addOn: false };
    case 'ProfileChanged':
      return { ...state, profile: wholeProfile(event.data.to) };
    case 'SsoChanged':
      return { ...state, sso: event.data.to };
    case 'SsoRemoved':
      return { ...state, sso: null };
    case 'ServiceTokenIssued':
      return { ...state, serviceTokens: [...state.serviceTokens, issued(event.data, at)] };
    case 'ServiceTokenRevoked':
      return { ...state, serviceTokens: state.serviceTokens.filter(({ tokenId }) => tokenId !== event.data.tokenId) };
    case 'ClientRegistered': {
      const { clientId, client: metadata } = event.data;
      return { ...state, clients: [...state.clients, { clientId, metadata, registeredAt: at }] };
    }
    case 'ClientRemoved':
      return { ...state, clients: state.clients.filter(({ clientId }) => clientId !== event.data.clientId) };
    default:
      return event satisfies never;
  }
}

/** Whether logins of the portal may be asked for codes: turned on, and the add-on is present (R03). */
export const isEffective = ({ twoFactor, addOn }: PortalPolicy): boolean => twoFactor.enabled && addOn;

const issued = (
  { expiresAt, ...token }: Extract<AdminPolicyEvent, { type: 'ServiceTokenIssued' }>['data'],
  issuedAt: number,
): IssuedToken => ({ ...token, issuedAt, expiresAt: expiresAt === undefined ? null : Date.parse(expiresAt) });

/** Whether it was issued here and is not revoked; it may have expired. */
export const isIssued = ({ serviceTokens }: PortalPolicy, tokenId: string): boolean =>
  serviceTokens.some((token) => token.tokenId === tokenId);

/** Whether it opens anything at that time. */
export const isGood = ({ serviceTokens }: PortalPolicy, tokenId: string, now: number): boolean =>
  serviceTokens.some((token) => token.tokenId === tokenId && (token.expiresAt === null || now < token.expiresAt));
