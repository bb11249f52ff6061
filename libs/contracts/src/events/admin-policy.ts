import { z } from 'zod';
import { graceDays, lockMinutes, maxFailedAttempts, rememberDays } from '../limits.js';
import {
  displayName,
  issuerName,
  language,
  notWellFormed,
  opaqueId,
  serviceScope,
  supportContact,
  timestamp,
  wellFormed,
} from '../primitives.js';
import { clientMetadata } from '../http/clients.js';
import { type DomainEvents, eventsOf } from './event.js';

const event = eventsOf('admin-policy');
const { least, most } = maxFailedAttempts;
/**
 * The two-factor setting of a portal, whole. A new member needs a default and no more: `lockMinutes: z.int().max(1440).default(0)`.
 * It holds where nobody has set it, also in what was recorded before there was such a member.
 */
export const twoFactorSettings = z.strictObject({
  enabled: z.boolean().default(false),
  maxFailedAttempts: z.int().min(least).max(most).default(maxFailedAttempts.byDefault),
  lockMinutes: z
    .int()
    .min(0)
    .max(lockMinutes.most)
    .default(lockMinutes.byDefault)
    .meta({ description: 'After so many minutes a lock ends by itself; 0: an administrator ends it (R38).' }),
  required: z.boolean().default(false).meta({
    description: 'Contributors must set up 2FA within the time of grace. It acts only while `effective` (R37).',
  }),
  graceDays: z.int().min(0).max(graceDays.most).default(graceDays.byDefault).meta({
    description:
      'How many days the time of grace has. It begins for each person at the first password login, or challenge of a gateway, after `required`; nothing moves one that has begun.',
  }),
  rememberDays: z.int().min(0).max(rememberDays.most).default(rememberDays.byDefault).meta({
    description:
      'For so many days after a code, a browser that the person wants remembered logs in by the password alone; 0: never (R39).',
  }),
});
export type TwoFactorSettings = z.infer<typeof twoFactorSettings>;
/** Of a portal that nobody has set anything for (R01, R02). */
export const initialTwoFactorSettings: TwoFactorSettings = twoFactorSettings.parse({});
/** As it was recorded, perhaps before there were all members. */
export const wholeSettings = (recorded?: Partial<TwoFactorSettings>): TwoFactorSettings => ({
  ...initialTwoFactorSettings,
  ...recorded,
});
/** What a change says of it: members that are left out stay as they are. */
export const twoFactorSettingsChange = withoutDefaults(twoFactorSettings).partial();
export type TwoFactorSettingsChange = z.infer<typeof twoFactorSettingsChange>;
/** The face of a portal: what people see of it on the pages and in their authenticators; null: not set. Members as above. */
export const portalProfile = z.strictObject({
  displayName: displayName.nullable().default(null),
  /** Of keys that are shown from then on; the display name where it is not set. */
  issuer: issuerName.nullable().default(null),
  /** Of the pages, for people who have chosen none. */
  language: language.nullable().default(null),
  supportContact: supportContact.nullable().default(null),
});
export type PortalProfile = z.infer<typeof portalProfile>;
export const initialProfile: PortalProfile = portalProfile.parse({});
export const wholeProfile = (recorded?: Partial<PortalProfile>): PortalProfile => ({ ...initialProfile, ...recorded });
export const portalProfileChange = withoutDefaults(portalProfile).partial();
export type PortalProfileChange = z.infer<typeof portalProfileChange>;
/** RFC 6749 Appendix A: what an id or a secret of a client is made of. */
export const clientText = z
  .string()
  .min(1)
  .max(512)
  .regex(/^[\x20-\x7e]*$/, 'must be printable ASCII');
/** The identity provider of a portal. */
export const ssoProvider = z.strictObject({
  issuer: z.string().min(1).max(512).regex(wellFormed, notWellFormed),
  audience: z.string().min(1).max(512).regex(wellFormed, notWellFormed),
  jwksUri: z.url().max(2048).regex(wellFormed, notWellFormed).meta({ format: 'uri' }),
  clientId: clientText.optional().meta({
    description: 'Of the portal at its provider. With it, the login page of the console sends people there.',
  }),
});
export type SsoProvider = z.infer<typeof ssoProvider>;
/** As events tell it: of the client's secret there is but an id, which is another one with each secret. */
export const ssoSettings = ssoProvider.extend({ clientSecretId: opaqueId.optional() });
export type SsoSettings = z.infer<typeof ssoSettings>;
const addOn = z.literal('enterprise-security');

/** All stand in the portal's stream. */
export const adminPolicyEvents = {
  SettingsChanged: event(
    'SettingsChanged',
    'The two-factor setting of the portal changed.',
    z.strictObject({ from: twoFactorSettings, to: twoFactorSettings }),
    { from: initialTwoFactorSettings, to: { ...initialTwoFactorSettings, enabled: true } },
  ),
  ProfileChanged: event(
    'ProfileChanged',
    'What people see of the portal changed: its display name, the issuer of new keys, its language or whom to ask for help.',
    z.strictObject({ from: portalProfile, to: portalProfile }),
    { from: initialProfile, to: { ...initialProfile, displayName: 'Acme', supportContact: 'help@acme.example' } },
  ),
  AddOnGranted: event('AddOnGranted', 'The portal was granted the add-on.', z.strictObject({ addOn }), {
    addOn: 'enterprise-security',
  }),
  AddOnRevoked: event(
    'AddOnRevoked',
    'The add-on was revoked; two-factor authentication is as if turned off.',
    z.strictObject({ addOn }),
    { addOn: 'enterprise-security' },
  ),
  SsoChanged: event(
    'SsoChanged',
    'The identity provider of the portal changed.',
    z.strictObject({ from: ssoSettings.nullable(), to: ssoSettings }),
    { from: null, to: { issuer: 'https://idp.example', audience: 'twinlock', jwksUri: 'https://idp.example/jwks' } },
  ),
  SsoRemoved: event(
    'SsoRemoved',
    'The identity provider of the portal was removed: nobody logs in by it any more.',
    z.strictObject({ from: ssoSettings }),
    { from: { issuer: 'https://idp.example', audience: 'twinlock', jwksUri: 'https://idp.example/jwks' } },
  ),
  ServiceTokenIssued: event(
    'ServiceTokenIssued',
    'A service token was issued for a gateway or a tool.',
    z.strictObject({
      tokenId: opaqueId,
      name: z.string(),
      scopes: z.array(serviceScope),
      publicKey: z.boolean(),
      expiresAt: timestamp.optional(),
    }),
    { tokenId: 'v1', name: 'vpn gateway', scopes: ['challenges'], publicKey: false },
  ),
  ClientRegistered: event(
    'ClientRegistered',
    "A client of the portal's OpenID Provider was registered: an application.",
    z.strictObject({ clientId: opaqueId, client: clientMetadata }),
    { clientId: 'cl1', client: { name: 'intranet', redirectUris: ['https://app.example/callback'] } },
  ),
  ClientRemoved: event(
    'ClientRemoved',
    "A client of the portal's OpenID Provider was removed: nobody logs in to it any more, and its tokens are no longer valid.",
    z.strictObject({ clientId: opaqueId }),
    { clientId: 'cl1' },
  ),
  ServiceTokenRevoked: event(
    'ServiceTokenRevoked',
    'A service token was revoked.',
    z.strictObject({ tokenId: opaqueId }),
    { tokenId: 'v1' },
  ),
} as const;

export type AdminPolicyEvent = DomainEvents<typeof adminPolicyEvents>;

/** What is left out is not there afterwards; `partial` alone would put the default in its place. */
export function withoutDefaults<Shape extends Record<string, z.ZodDefault>>(schema: z.ZodObject<Shape>) {
  const members = Object.entries(schema.shape).map(([name, member]) => [name, member.unwrap()]);
  return z.strictObject(Object.fromEntries(members) as { [Name in keyof Shape]: ReturnType<Shape[Name]['unwrap']> });
}
