import { z } from 'zod';
import { opaqueId, serviceTokenName, timestamp } from '../primitives.js';

const MOST_URIS = 20;
const MOST_KEYS = 5;

/**
 * Where a browser is sent back to: compared to the letter (OpenID Connect Core 1.0 §3.1.2.1). `http` is for a program on the
 * person's own machine alone (RFC 8252 §7.3).
 */
export const redirectUri = z
  .string()
  .max(2048)
  .refine(isRedirectUri, 'must be an https URL without a fragment, or an http URL of a loopback address')
  .meta({ format: 'uri', example: 'https://app.example/callback' });
const uris = z
  .array(redirectUri)
  .max(MOST_URIS)
  .refine((all) => new Set(all).size === all.length, 'names a URL twice');

const base64url = z.string().regex(/^[A-Za-z0-9_-]+$/, 'must be base64url');
/** What key tools write beside the key itself. A private member (`d`) that is sent by mistake is refused. */
const aboutKey = {
  kid: z.string().min(1).max(256).optional(),
  use: z.literal('sig').optional(),
  key_ops: z.array(z.literal('verify')).length(1).optional(),
  ext: z.boolean().optional(),
};
/** A key that a client signs with (RFC 7517): ES256, EdDSA or RS256. Whether it is a good one is checked where it is taken in. */
export const clientKey = z.discriminatedUnion('kty', [
  z
    .strictObject({
      kty: z.literal('EC'),
      crv: z.literal('P-256'),
      x: base64url.length(43),
      y: base64url.length(43),
      alg: z.literal('ES256').optional(),
      ...aboutKey,
    })
    .meta({ id: 'EcKey' }),
  z
    .strictObject({
      kty: z.literal('OKP'),
      crv: z.literal('Ed25519'),
      x: base64url.length(43),
      alg: z.enum(['EdDSA', 'Ed25519']).optional(),
      ...aboutKey,
    })
    .meta({ id: 'OkpKey' }),
  z
    .strictObject({
      kty: z.literal('RSA'),
      n: base64url.min(342).max(1366).meta({ description: 'A modulus of 2048 to 8192 bits.' }),
      e: base64url.max(8),
      alg: z.literal('RS256').optional(),
      ...aboutKey,
    })
    .meta({ id: 'RsaKey' }),
]);
export type ClientKey = z.infer<typeof clientKey>;
export const clientKeys = z.strictObject({ keys: z.array(clientKey).min(1).max(MOST_KEYS) });

/** What a client of a portal's OpenID Provider is registered with. */
export const clientMetadata = z.strictObject({
  name: serviceTokenName,
  redirectUris: uris.min(1),
  postLogoutRedirectUris: uris.optional(),
  public: z
    .boolean()
    .optional()
    .meta({ description: 'It keeps no secret: an application in a browser or on a device.' }),
  jwks: clientKeys
    .optional()
    .meta({ description: 'It proves who it is by signing (`private_key_jwt`), without a secret.' }),
  vouches: z.boolean().optional().meta({
    description:
      'It proves the first factor of accounts without a password, and hands them over for the second (R34). It can do nothing else.',
  }),
});
export type ClientMetadata = z.infer<typeof clientMetadata>;

export const newClient = clientMetadata
  .refine((client) => !(client.public && client.jwks), { message: 'a public client has no keys', path: ['jwks'] })
  .refine((client) => !client.vouches || client.jwks, { message: 'needs `jwks`', path: ['vouches'] });

export const listedClient = z
  .strictObject({
    clientId: opaqueId,
    name: z.string(),
    redirectUris: z.array(z.string()),
    postLogoutRedirectUris: z.array(z.string()),
    public: z.boolean(),
    jwks: z.boolean().meta({ description: 'Whether it signs, and has no secret.' }),
    vouches: z.boolean().meta({ description: 'Whether it hands people over (R34).' }),
    registeredAt: timestamp,
    lastUsedAt: timestamp.optional().meta({ description: 'To the hour.' }),
  })
  .meta({ id: 'Client' });

function isRedirectUri(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  // as a browser would write it: what is compared to the letter has one way to be written
  if (url.href !== text || text.includes('#')) return false;
  if (url.username !== '' || url.password !== '') return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname));
}

const isLoopback = (hostname: string): boolean => ['127.0.0.1', '[::1]', 'localhost'].includes(hostname);
