import { type FetchImplementation, importJWK, type JWK } from 'jose';
import type { ProviderFetch } from './provider-fetch.js';

/** The keys of a provider cannot be had: away, or not a key set. */
export class KeySetAway extends Error {
  override readonly name = 'KeySetAway';
}

/** Public keys under which each algorithm verifies (RFC 7518 §3.3, §3.4). */
const algorithmOf: Readonly<Record<string, string>> = { RSA: 'RS256', EC: 'ES256' };
const LEAST_RSA_BITS = 2_048;

/** Of a key set (RFC 7517 §5) only the keys that an ID token can be verified by: what is wrong with others is as if it was not there. */
export const usableKeySet =
  (fetch: ProviderFetch): FetchImplementation =>
  async (url, options) => {
    try {
      const answer = await fetch(url, options);
      if (answer.status !== 200) throw new TypeError(`it was answered with ${answer.status}`);
      const set: unknown = await answer.json();
      const keys = (set as { keys?: unknown } | null)?.keys;
      if (!Array.isArray(keys)) throw new TypeError('it is no key set');
      const usable = await Promise.all(keys.map(isUsable));
      return Response.json({ keys: keys.filter((_, index) => usable[index]) });
    } catch (cause) {
      throw new KeySetAway('the key set cannot be fetched', { cause });
    }
  };

async function isUsable(jwk: JWK): Promise<boolean> {
  try {
    const key = await importJWK(jwk, algorithmOf[jwk.kty ?? '']);
    if (!('type' in key) || key.type !== 'public') return false;
    const { modulusLength = LEAST_RSA_BITS } = key.algorithm as { modulusLength?: number };
    return modulusLength >= LEAST_RSA_BITS;
  } catch {
    return false;
  }
}
