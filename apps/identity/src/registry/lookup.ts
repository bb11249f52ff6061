import { createHmac } from 'node:crypto';
import type { PersonalKeys } from '#libs/vault/src/personal/personal-keys.js';

export type LookupKind = 'username' | 'sso-subject' | 'external-id';

/** What stands for a personal text where it is looked up: HMAC-SHA-256 under a key of the portal, so that no store tells it (R42). */
export async function lookupHash(keys: PersonalKeys, portal: string, kind: LookupKind, text: string): Promise<string> {
  return createHmac('sha256', await keys.lookupKey(portal))
    .update(`${kind}\0${text}`)
    .digest('base64url');
}
