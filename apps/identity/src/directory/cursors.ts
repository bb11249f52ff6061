import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import { malformed } from '#libs/platform/src/auth/validation.js';
import { decrypt, encrypt } from '#libs/secrets/src/sealing.js';
import type { PersonalKeys } from '#libs/vault/src/personal/personal-keys.js';

const place = z.discriminatedUnion('sort', [
  z.strictObject({ sort: z.literal('username'), name: z.string() }),
  z.strictObject({ sort: z.literal('-lastLoginAt'), at: z.number(), accountId: z.string() }),
]);
/** The last account of a page: the next one begins after it, also where it is gone. */
export type Place = z.infer<typeof place>;
const USE = Buffer.from('cursor of accounts');

/** Sealed, since a name stands in it, and addresses of pages are written into logs (R42). Good for this portal alone. */
export async function cursorOf(keys: PersonalKeys, portal: string, next: Place): Promise<string> {
  return encrypt(await keyOf(keys, portal), JSON.stringify(next), USE).toString('base64url');
}

/** @throws Problem `malformed-request` it is no cursor of this list, in this order */
export async function placeOf(keys: PersonalKeys, portal: string, sort: Place['sort'], cursor: string): Promise<Place> {
  const opened = decrypt(await keyOf(keys, portal), Buffer.from(cursor, 'base64url'), USE);
  const read = opened && place.parse(JSON.parse(opened.toString()));
  if (read?.sort !== sort) throw malformed([{ field: 'after', message: 'is not the `next` value of a page' }]);
  return read;
}

const keyOf = async (keys: PersonalKeys, portal: string): Promise<KeyObject> =>
  createSecretKey(
    createHmac('sha256', await keys.lookupKey(portal))
      .update(USE)
      .digest(),
  );
