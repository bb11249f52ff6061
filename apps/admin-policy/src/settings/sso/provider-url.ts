import ipaddr from 'ipaddr.js';
import { isLoopback, isPublic } from '#libs/platform/src/http/public-address.js';

export interface ProviderUrlRules {
  /** For tests: http, and a key set on this machine. */
  readonly loopbackAllowed: boolean;
}

/**
 * Why nothing of an identity provider may be fetched from there; null: it may. A name that resolves to a private
 * address is refused when identity connects, as names change.
 */
export function faultOfProviderUrl(text: string, { loopbackAllowed }: ProviderUrlRules): string | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null) return 'is not a URL';
  if (url.username !== '' || url.password !== '') return 'must not contain credentials';
  const host = hostOf(url);
  if (loopbackAllowed && host.loopback && (url.protocol === 'http:' || url.protocol === 'https:')) return null;
  if (url.protocol !== 'https:') return 'must begin with https:';
  return host.public ? null : 'must not be a private address';
}

/** Of an identifier that is an address too (OpenID Connect Core 1.0 §2). */
export function faultOfIssuer(text: string, rules: ProviderUrlRules): string | null {
  const fault = faultOfProviderUrl(text, rules);
  return fault ?? (/[?#]/.test(text) ? 'must have no query and no fragment' : null);
}

/** Names that are only good inside a network (RFC 6762, RFC 8375, RFC 6761 §6.3, ICANN's `internal`). */
const privateName = /(^|\.)(localhost|local|localdomain|internal|intranet|lan|home|corp|home\.arpa)$/;

function hostOf({ hostname }: URL): { loopback: boolean; public: boolean } {
  const name = hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  if (ipaddr.isValid(name)) return { loopback: isLoopback(name), public: isPublic(name) };
  return { loopback: name === 'localhost', public: name.includes('.') && !privateName.test(name) };
}
