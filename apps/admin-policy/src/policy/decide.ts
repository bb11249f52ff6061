import { isDeepStrictEqual } from 'node:util';
import type { ServiceScope } from '#libs/contracts/src/primitives.js';
import type { Decision } from '#libs/event-store/src/decision.js';
import type { AdminPolicyEvent, SsoSettings, TwoFactorSettings } from './events.js';
import { type Enforcer, isGood, type Policy } from './state.js';

export type PolicyChange =
  | { readonly type: 'ChangeTwoFactorSettings'; readonly to: TwoFactorSettings }
  | { readonly type: 'ChangeSso'; readonly to: SsoSettings }
  | { readonly type: 'GrantAddOn' }
  | { readonly type: 'RevokeAddOn' }
  | {
      readonly type: 'IssueServiceToken';
      readonly tokenId: string;
      readonly name: string;
      readonly scopes: readonly ServiceScope[];
      readonly publicKey: boolean;
    }
  | { readonly type: 'RevokeServiceToken'; readonly tokenId: string };

/** 2FA cannot be turned on without the add-on (R03). */
export type Refusal = 'add-on-required';
export type Outcome = 'accepted' | Refusal;

/** Who must act by a change before it is answered (R28). A new service token is looked up here by everyone. */
export const enforcers: Readonly<Record<PolicyChange['type'], Enforcer | null>> = {
  ChangeTwoFactorSettings: 'two-factor',
  ChangeSso: 'identity',
  GrantAddOn: 'two-factor',
  RevokeAddOn: 'two-factor',
  IssueServiceToken: null,
  RevokeServiceToken: 'two-factor',
};

/** A change to what is already so is accepted and writes nothing. */
export function decide(change: PolicyChange, policy: Policy): Decision<AdminPolicyEvent, Outcome> {
  switch (change.type) {
    case 'ChangeTwoFactorSettings': {
      const { to } = change;
      const from = policy.twoFactor;
      if (to.enabled && !policy.addOn) return refuse('add-on-required');
      return isDeepStrictEqual(from, to) ? accept() : accept({ type: 'SettingsChanged', data: { from, to } });
    }
    case 'ChangeSso': {
      const { to } = change;
      const from = policy.sso;
      return isDeepStrictEqual(from, to) ? accept() : accept({ type: 'SsoChanged', data: { from, to } });
    }
    case 'GrantAddOn':
      return policy.addOn ? accept() : accept({ type: 'AddOnGranted', data: { addOn: 'enterprise-security' } });
    case 'RevokeAddOn':
      return policy.addOn ? accept({ type: 'AddOnRevoked', data: { addOn: 'enterprise-security' } }) : accept();
    case 'IssueServiceToken': {
      const { tokenId, name, scopes, publicKey } = change;
      return accept({ type: 'ServiceTokenIssued', data: { tokenId, name, scopes: [...scopes], publicKey } });
    }
    case 'RevokeServiceToken': {
      const { tokenId } = change;
      return isGood(policy, tokenId) ? accept({ type: 'ServiceTokenRevoked', data: { tokenId } }) : accept();
    }
    default:
      return change satisfies never;
  }
}

const accept = (...events: AdminPolicyEvent[]) => ({ events, answer: 'accepted' as const });
const refuse = (refusal: Refusal) => ({ events: [], answer: refusal });
