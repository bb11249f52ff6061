import { z } from 'zod';
import {
  clientText,
  portalProfile,
  portalProfileChange,
  ssoProvider,
  twoFactorSettings,
  twoFactorSettingsChange,
} from '../events/admin-policy.js';
import { installation } from '../installation.js';
import {
  accountName,
  next,
  opaqueId,
  pageQuery,
  portalId,
  serviceScope,
  serviceTokenName,
  timestamp,
} from '../primitives.js';
import { signingKeyRotation, signingKeys } from '../signing-keys.js';
import { listedClient, newClient } from './clients.js';
import { endpoint } from './endpoint.js';

const app = 'admin-policy';
const inPortal = z.strictObject({ portal: portalId });
const ofAccount = z.strictObject({ portal: portalId, account: accountName });
const settings = twoFactorSettings.extend({
  effective: z.boolean().meta({ description: 'True if 2FA is enabled and the portal has the add-on.' }),
});

/**
 * Ed25519 public key (RFC 8037), for signing commands on the bus: the canonical encoding of a point of full order, which the
 * app that takes it in checks. A private key (`d`) sent by mistake is refused.
 */
export const ed25519Jwk = z.strictObject({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  x: z.base64url().length(43).meta({ description: 'An Ed25519 public key; weak keys are refused.' }),
  // what WebCrypto and key tools write beside it
  kid: z.string().max(256).optional(),
  use: z.literal('sig').optional(),
  alg: z.enum(['EdDSA', 'Ed25519']).optional(),
  key_ops: z.array(z.literal('verify')).length(1).optional(),
  ext: z.boolean().optional(),
});

const listedServiceToken = z
  .strictObject({
    id: opaqueId,
    name: z.string(),
    scopes: z.array(serviceScope),
    publicKey: z.boolean().meta({ description: 'Whether it can sign commands on the bus.' }),
    issuedAt: timestamp,
    expiresAt: timestamp.optional(),
    lastUsedAt: timestamp.optional().meta({ description: 'To the hour.' }),
  })
  .meta({ id: 'ServiceToken' });

/** Of the identity provider; all null: there is none. */
const shownSso = z.strictObject({
  issuer: z.string().nullable(),
  audience: z.string().nullable(),
  jwksUri: z.string().nullable(),
  clientId: z.string().nullable(),
  hasClientSecret: z.boolean(),
});

export const adminPolicyEndpoints = {
  getInstallation: endpoint(app, 'getInstallation', 'GET /v1/installation', {
    summary:
      'How the installation is: readiness, dead letters and age of the keys of each app, as one of its instances says, and the last outcome of `twinlock verify`.',
    allow: ['operator'],
    reply: installation,
  }),
  listSigningKeys: endpoint(app, 'listSigningKeys', 'GET /v1/installation/signing-keys', {
    summary: 'List the keys that ID tokens are signed with, one set for all portals, the newest first.',
    allow: ['operator'],
    reply: signingKeys,
  }),
  rotateSigningKeys: endpoint(app, 'rotateSigningKeys', 'POST /v1/installation/signing-keys', {
    summary:
      'Make a new key that ID tokens are signed with: it is published now and signs a day later; the one before stays published until no ID token that it has signed is in use. 409 while another new key does not sign yet.',
    allow: ['operator'],
    body: signingKeyRotation,
    status: 201,
    reply: signingKeys,
    errors: ['rotation-under-way'],
  }),
  listPortals: endpoint(app, 'listPortals', 'GET /v1/portals', {
    summary: 'Portals and their add-ons, sorted by id. `query` searches in the id.',
    allow: ['operator'],
    query: z.strictObject({ query: z.string().max(256).optional(), ...pageQuery }),
    reply: z.strictObject({ portals: z.array(z.strictObject({ id: portalId, addOns: z.array(z.string()) })), next }),
  }),
  grantAddOn: endpoint(app, 'grantAddOn', 'PUT /v1/portals/:portal/add-ons/enterprise-security', {
    summary: 'Grant the Enterprise Security add-on.',
    allow: ['operator'],
    params: inPortal,
    errors: ['not-yet-effective'],
  }),
  revokeAddOn: endpoint(app, 'revokeAddOn', 'DELETE /v1/portals/:portal/add-ons/enterprise-security', {
    summary: 'Revoke the Enterprise Security add-on. The setting is kept in case it is granted again.',
    allow: ['operator'],
    params: inPortal,
    errors: ['not-yet-effective'],
  }),
  issueServiceToken: endpoint(app, 'issueServiceToken', 'POST /v1/portals/:portal/service-tokens', {
    summary: 'Issue a service token for a gateway or a tool.',
    allow: ['operator'],
    params: inPortal,
    body: z.strictObject({
      name: serviceTokenName,
      scopes: z
        .array(serviceScope)
        .min(1)
        .max(serviceScope.options.length)
        .refine((scopes) => new Set(scopes).size === scopes.length, 'names a scope twice')
        .meta({ uniqueItems: true }),
      publicKey: ed25519Jwk.optional(),
      expiresAt: timestamp.optional().meta({ description: 'From then on the token is not valid; in the future.' }),
    }),
    status: 201,
    reply: z.strictObject({ id: opaqueId, token: z.string() }),
  }),
  listServiceTokens: endpoint(app, 'listServiceTokens', 'GET /v1/portals/:portal/service-tokens', {
    summary: 'List the service tokens of the portal that are not revoked, the oldest first, without the tokens.',
    allow: ['operator', 'administrator'],
    params: inPortal,
    query: z.strictObject(pageQuery),
    reply: z.strictObject({ serviceTokens: z.array(listedServiceToken), next }),
  }),
  revokeServiceToken: endpoint(app, 'revokeServiceToken', 'DELETE /v1/portals/:portal/service-tokens/:token', {
    summary: 'Revoke a service token.',
    allow: ['operator'],
    params: z.strictObject({ portal: portalId, token: opaqueId }),
    errors: ['not-yet-effective'],
  }),
  registerClient: endpoint(app, 'registerClient', 'POST /v1/portals/:portal/clients', {
    summary:
      "Register an application with the portal's OpenID Provider. It gets a secret, shown once, unless it is public or signs with keys of its own (`jwks`).",
    allow: ['operator'],
    params: inPortal,
    body: newClient,
    status: 201,
    reply: z.strictObject({ clientId: opaqueId, clientSecret: z.string().optional() }),
  }),
  listClients: endpoint(app, 'listClients', 'GET /v1/portals/:portal/clients', {
    summary:
      "List the applications that are registered with the portal's OpenID Provider, the oldest first, without secrets.",
    allow: ['operator', 'administrator'],
    params: inPortal,
    query: z.strictObject(pageQuery),
    reply: z.strictObject({ clients: z.array(listedClient), next }),
  }),
  removeClient: endpoint(app, 'removeClient', 'DELETE /v1/portals/:portal/clients/:client', {
    summary: 'Remove an application: nobody logs in to it any more, and its tokens are no longer valid.',
    allow: ['operator'],
    params: z.strictObject({ portal: portalId, client: opaqueId }),
  }),
  getSettings: endpoint(app, 'getTwoFactorSettings', 'GET /v1/portals/:portal/settings/two-factor', {
    summary: 'Get the two-factor settings of the portal.',
    allow: ['administrator'],
    params: inPortal,
    reply: settings,
  }),
  changeSettings: endpoint(app, 'changeTwoFactorSettings', 'PUT /v1/portals/:portal/settings/two-factor', {
    summary:
      'Change the two-factor settings of the portal. What `required` asks of Contributors it asks of administrators too.',
    allow: ['administrator'],
    proof: 'always',
    params: inPortal,
    body: twoFactorSettingsChange,
    reply: settings,
    errors: ['add-on-required', 'not-yet-effective'],
  }),
  getProfile: endpoint(app, 'getProfileSettings', 'GET /v1/portals/:portal/settings/profile', {
    summary: 'Get what people see of the portal: its names, its language, whom to ask for help.',
    allow: ['administrator'],
    params: inPortal,
    reply: portalProfile,
  }),
  changeProfile: endpoint(app, 'changeProfileSettings', 'PUT /v1/portals/:portal/settings/profile', {
    summary:
      'Change what people see of the portal. A member that is left out stays as it is; null clears it. Anybody can read ' +
      '`displayName`, `language` and `supportContact`.',
    allow: ['administrator'],
    proof: 'always',
    params: inPortal,
    body: portalProfileChange,
    reply: portalProfile,
    errors: ['not-yet-effective'],
  }),
  getSso: endpoint(app, 'getSsoSettings', 'GET /v1/portals/:portal/settings/sso', {
    summary: 'Get the identity provider whose ID tokens are accepted for login; all null: there is none.',
    allow: ['administrator'],
    params: inPortal,
    reply: shownSso,
  }),
  changeSso: endpoint(app, 'changeSsoSettings', 'PUT /v1/portals/:portal/settings/sso', {
    summary:
      'Set the identity provider whose ID tokens are accepted for login. With a `clientId`, the login page of the console sends people there (authorization code flow with PKCE).',
    allow: ['administrator'],
    proof: 'always',
    params: inPortal,
    body: ssoProvider
      .extend({
        clientSecret: clientText.nullable().optional().meta({
          description:
            'Never shown again. If left out, the secret stays as long as `issuer` and `clientId` do; null removes it.',
        }),
      })
      .refine(({ clientId, clientSecret }) => typeof clientSecret !== 'string' || clientId !== undefined, {
        message: 'is the secret of a clientId, which is missing',
        path: ['clientSecret'],
      }),
    reply: shownSso,
    errors: ['not-yet-effective'],
  }),
  removeSso: endpoint(app, 'removeSsoSettings', 'DELETE /v1/portals/:portal/settings/sso', {
    summary:
      'Remove the identity provider: nobody logs in by it any more. Its client secret is destroyed; sessions that it began go on.',
    allow: ['administrator'],
    proof: 'always',
    params: inPortal,
    errors: ['not-yet-effective'],
  }),
  unlock: endpoint(app, 'unlockAccount', 'POST /v1/portals/:portal/accounts/:account/unlock', {
    summary: '*Enable user*: unlock a locked account.',
    allow: ['administrator', 'service:commands', 'operator'],
    proof: 'always',
    params: ofAccount,
    reply: z.strictObject({ status: z.literal('active') }),
    errors: ['not-locked', 'not-yet-effective'],
  }),
  disableTwoFactor: endpoint(app, 'disableTwoFactor', 'POST /v1/portals/:portal/accounts/:account/two-factor/disable', {
    summary: 'Disable 2FA for a user of the portal.',
    allow: ['administrator', 'service:commands', 'operator'],
    proof: 'always',
    params: ofAccount,
    reply: z.strictObject({ status: z.literal('none') }),
    errors: ['two-factor-not-enabled', 'not-yet-effective'],
  }),
};
