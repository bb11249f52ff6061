import { createHash } from 'node:crypto';
import type { SsoSettings } from '#libs/contracts/src/events/admin-policy.js';
import { decrypt, encrypt } from '#libs/secrets/src/sealing.js';
import { type DerivedKeys, KeyRing, type RingKey } from '#libs/vault/src/keyring.js';

/** A login that was sent to the portal's identity provider, as it waits in the browser: the state between two steps, kept by nobody. */
export interface BegunLogin {
  readonly portal: string;
  /** Hash of whose provider it was sent to: another one's answer is none to it. */
  readonly provider: string;
  readonly redirectUri: string;
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

const LABEL = 'twinlock sso login 1';
const ASSOCIATED = Buffer.from(LABEL, 'utf8');

/** Seals logins under a key of its own, derived from the present key of the ring; every key of the ring opens. */
export class LoginSealer {
  #keys: DerivedKeys;

  /** @throws KeyRingInvalid */
  constructor(keys: readonly RingKey[]) {
    this.#keys = new KeyRing(keys).derive(LABEL);
  }

  /** Takes another key ring at once. @throws KeyRingInvalid */
  useRing(keys: readonly RingKey[]): void {
    this.#keys = new KeyRing(keys).derive(LABEL);
  }

  seal(login: BegunLogin): string {
    return encrypt(this.#keys.present.key, JSON.stringify(login), ASSOCIATED).toString('base64url');
  }

  /** Null for everything that this ring did not seal, and for a seal altered in any way. Does not look at the time. */
  open(text: string): BegunLogin | null {
    const sealed = Buffer.from(text, 'base64url');
    for (const key of this.#keys.byId.values()) {
      const opened = decrypt(key, sealed, ASSOCIATED);
      if (opened) return JSON.parse(opened.toString('utf8')) as BegunLogin;
    }
    return null;
  }
}

export const providerHash = ({ issuer, clientId }: SsoSettings): string =>
  createHash('sha256')
    .update(JSON.stringify([issuer, clientId]))
    .digest('base64url');
