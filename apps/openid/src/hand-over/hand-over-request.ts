import { VOUCHED_WITHIN_MS } from '#libs/contracts/src/limits.js';
import { accountName, type HandOverPurpose } from '#libs/contracts/src/primitives.js';
import { ACR } from '../people/person-session.js';

/** What a gateway says with a hand-over, by a signed request object (R34, RFC 9101). */
export interface HandOverRequest {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly state?: string;
  readonly nonce?: string;
  readonly codeChallenge: string;
  readonly locales?: string;
  /** An account's id, or `external:` and the gateway's own. */
  readonly account: string;
  readonly purpose: HandOverPurpose;
  /** When the first factor was proved, milliseconds. */
  readonly provedAt: number;
}

/** Of the scope that asks for the person's own page. */
export const MANAGE = 'second_factor';
const TYPE = 'oauth-authz-req+jwt';
/** As far ahead a gateway's clock may be, in seconds. */
const AHEAD = 5;
const SECONDS = VOUCHED_WITHIN_MS / 1_000;

export type Claims = Readonly<Record<string, unknown>>;
/** All that such a request may say: what else it asked for would be passed over. */
const known: ReadonlySet<string> = new Set([
  'iss',
  'aud',
  'exp',
  'iat',
  'nbf',
  'jti',
  'client_id',
  'response_type',
  'redirect_uri',
  'scope',
  'state',
  'nonce',
  'code_challenge',
  'code_challenge_method',
  'login_hint',
  'auth_time',
  'acr_values',
  'ui_locales',
  'response_mode',
]);
const scopes: ReadonlySet<string> = new Set(['openid', MANAGE]);

/**
 * What is wrong with the request object; null: nothing that is looked at here. Signature, client, redirect and PKCE are the
 * library's to check. `now`: milliseconds.
 */
export function faultOf(
  claims: Claims,
  header: Claims,
  { issuer, now }: { issuer: string; now: number },
): string | null {
  const seconds = Math.floor(now / 1_000);
  const { iss, aud, exp, jti, client_id: clientId, auth_time: authTime, login_hint: hint } = claims;
  // what a client signs for another purpose, such as to prove who it is, is no request (RFC 9101 §10.8)
  if (header.typ !== TYPE) return `the request object must have the \`typ\` \`${TYPE}\``;
  const unknown = Object.keys(claims).find((name) => !known.has(name));
  if (unknown !== undefined) return `a hand-over has no \`${unknown}\``;
  if (typeof clientId !== 'string' || iss !== clientId) return '`iss` must be the client id';
  if (aud !== issuer && !(Array.isArray(aud) && aud.length === 1 && aud[0] === issuer))
    return `\`aud\` must be ${issuer}`;
  if (typeof claims.redirect_uri !== 'string') return '`redirect_uri` is missing';
  if (typeof exp !== 'number' || exp > seconds + SECONDS + AHEAD)
    return `\`exp\` must be at most ${SECONDS} seconds ahead`;
  if (typeof jti !== 'string' || jti === '' || jti.length > 256)
    return '`jti` must be a new id of at most 256 characters';
  if (typeof hint !== 'string' || !accountName.safeParse(hint).success)
    return '`login_hint` must be an account id, or `external:` and your own id of it';
  if (typeof authTime !== 'number' || !Number.isInteger(authTime)) return '`auth_time` must be in seconds since 1970';
  if (authTime < seconds - SECONDS) return `\`auth_time\` must be at most ${SECONDS} seconds ago`;
  if (authTime > seconds + AHEAD) return '`auth_time` is in the future';
  const asked = scopesOf(claims);
  if (asked.some((scope) => !scopes.has(scope))) return `a hand-over has no scopes but \`openid\` and \`${MANAGE}\``;
  const isManaging = asked.includes(MANAGE);
  if (isManaging ? 'acr_values' in claims : claims.acr_values !== ACR.twoFactors)
    return `say what it is for: either \`acr_values\` \`${ACR.twoFactors}\` or the scope \`${MANAGE}\``;
  const { response_mode: mode } = claims;
  return mode === undefined || mode === 'query' ? null : 'the answer is in the query of the redirect';
}

/** Of claims that have no fault. */
export function handOverOf(claims: Claims): HandOverRequest {
  const text = (name: string): string => String(claims[name]);
  const optional = (name: string) => (typeof claims[name] === 'string' ? claims[name] : undefined);
  const [state, nonce, locales] = [optional('state'), optional('nonce'), optional('ui_locales')];
  return {
    clientId: text('client_id'),
    redirectUri: text('redirect_uri'),
    ...(state !== undefined && { state }),
    ...(nonce !== undefined && { nonce }),
    ...(locales !== undefined && { locales: locales.slice(0, 100) }),
    codeChallenge: text('code_challenge'),
    account: text('login_hint'),
    purpose: scopesOf(claims).includes(MANAGE) ? 'manage' : 'pass',
    provedAt: Number(claims.auth_time) * 1_000,
  };
}

const scopesOf = ({ scope }: Claims): string[] => (typeof scope === 'string' ? scope.split(' ').filter(Boolean) : []);
