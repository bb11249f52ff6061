import { isDeepStrictEqual } from 'node:util';
import type {
  AdminPolicyEvent,
  PortalProfileChange,
  SsoProvider,
  SsoSettings,
  TwoFactorSettingsChange,
} from '#libs/contracts/src/events/admin-policy.js';
import type { ClientMetadata } from '#libs/contracts/src/http/clients.js';
import type { ServiceScope } from '#libs/contracts/src/primitives.js';
import type { Refusal } from '#libs/contracts/src/problems.js';
import type { Decision } from '#libs/event-store/src/decision.js';
import { evolve, isIssued, type PortalPolicy } from './state.js';

export type PolicyChange =
  | { readonly type: 'ChangeTwoFactorSettings'; readonly to: TwoFactorSettingsChange }
  | { readonly type: 'ChangeProfile'; readonly to: PortalProfileChange }
  | {
      readonly type: 'ChangeSso';
      readonly to: SsoProvider;
      /** Of the new secret; null: the client has none from then on; undefined: nobody has said. */
      readonly clientSecretId?: string | null | undefined;
    }
  | { readonly type: 'RemoveSso' }
  | { readonly type: 'GrantAddOn' }
  | { readonly type: 'RevokeAddOn' }
  | {
      readonly type: 'IssueServiceToken';
      readonly tokenId: string;
      readonly name: string;
      readonly scopes: readonly ServiceScope[];
      readonly publicKey: boolean;
      readonly expiresAt?: string | undefined;
    }
  | { readonly type: 'RevokeServiceToken'; readonly tokenId: string }
  | { readonly type: 'RegisterClient'; readonly clientId: string; readonly client: ClientMetadata }
  | { readonly type: 'RemoveClient'; readonly clientId: string };

/** The policy from then on. */
export type Outcome = { readonly policy: PortalPolicy } | Refusal<'add-on-required'>;

/** Who must act by a change before it is answered (R28). A new service token is looked up here by everyone. */
export const enforcers: Readonly<Record<PolicyChange['type'], readonly ('two-factor' | 'identity')[]>> = {
  ChangeTwoFactorSettings: ['two-factor', 'identity'],
  ChangeProfile: ['two-factor'],
  ChangeSso: ['identity'],
  RemoveSso: ['identity'],
  GrantAddOn: ['two-factor', 'identity'],
  RevokeAddOn: ['two-factor', 'identity'],
  IssueServiceToken: [],
  RevokeServiceToken: ['two-factor'],
  RegisterClient: [],
  RemoveClient: [],
};

/** A change to what is already so is accepted and writes nothing. */
export function decide(change: PolicyChange, policy: PortalPolicy, now: number): Decision<AdminPolicyEvent, Outcome> {
  const accept = (...events: AdminPolicyEvent[]) => {
    const after = events.reduce((state, event) => evolve(state, event, now), policy);
    return { events, answer: { policy: after } };
  };
  switch (change.type) {
    case 'ChangeTwoFactorSettings': {
      const from = policy.twoFactor;
      const to = { ...from, ...change.to };
      if (change.to.enabled && !policy.addOn) return { events: [], answer: addOnRequired };
      return isDeepStrictEqual(from, to) ? accept() : accept({ type: 'SettingsChanged', data: { from, to } });
    }
    case 'ChangeProfile': {
      const from = policy.profile;
      const to = { ...from, ...change.to };
      return isDeepStrictEqual(from, to) ? accept() : accept({ type: 'ProfileChanged', data: { from, to } });
    }
    case 'ChangeSso': {
      const from = policy.sso;
      const to = withSecret(change.to, change.clientSecretId, from);
      return isDeepStrictEqual(from, to) ? accept() : accept({ type: 'SsoChanged', data: { from, to } });
    }
    case 'RemoveSso':
      return policy.sso ? accept({ type: 'SsoRemoved', data: { from: policy.sso } }) : accept();
    case 'GrantAddOn':
      return policy.addOn ? accept() : accept({ type: 'AddOnGranted', data: { addOn: 'enterprise-security' } });
    case 'RevokeAddOn':
      return policy.addOn ? accept({ type: 'AddOnRevoked', data: { addOn: 'enterprise-security' } }) : accept();
    case 'IssueServiceToken': {
      const { tokenId, name, scopes, publicKey, expiresAt } = change;
      const data = { tokenId, name, scopes: [...scopes], publicKey, expiresAt };
      return accept({ type: 'ServiceTokenIssued', data });
    }
    case 'RevokeServiceToken': {
      const { tokenId } = change;
      return isIssued(policy, tokenId) ? accept({ type: 'ServiceTokenRevoked', data: { tokenId } }) : accept();
    }
    case 'RegisterClient': {
      const { clientId, client } = change;
      return accept({ type: 'ClientRegistered', data: { clientId, client } });
    }
    case 'RemoveClient': {
      const { clientId } = change;
      const isThere = policy.clients.some((client) => client.clientId === clientId);
      return isThere ? accept({ type: 'ClientRemoved', data: { clientId } }) : accept();
    }
    default:
      return change satisfies never;
  }
}

/** A secret that nobody has named again goes to whom it was given for, and to nobody else. */
function withSecret(to: SsoProvider, secretId: string | null | undefined, from: SsoSettings | null): SsoSettings {
  const isSameClient = from?.issuer === to.issuer && from.clientId === to.clientId;
  const clientSecretId = secretId === undefined && isSameClient ? from.clientSecretId : (secretId ?? undefined);
  return { ...to, ...(clientSecretId !== undefined && { clientSecretId }) };
}

/** 2FA cannot be turned on without the add-on (R03). */
const addOnRequired: Refusal<'add-on-required'> = {
  refused: 'add-on-required',
  status: 409,
  detail: 'Two-factor authentication needs the Enterprise Security add-on, which this portal does not have.',
};
