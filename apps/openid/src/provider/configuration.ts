import type { Configuration, KoaContextWithOIDC } from 'oidc-provider';
import type { People } from '../people/people.js';
import { ACR } from '../people/person-session.js';
import type { SigningKey } from '../keys/signing-keys.js';
import type { Library } from './library.js';
import { logoutPage, renderError, loggedOutPage } from './pages.js';
import { parameter } from './parameters.js';
import { promptsOfPortal } from './policy.js';

const HOUR = 3_600;
/** Seconds. Nothing outlives the session of identity's, which ends after 12 hours. */
const SESSION = 12 * HOUR;

export interface PortalParts {
  readonly library: Library;
  readonly portal: string;
  readonly isHttps: boolean;
  readonly adapter: NonNullable<Configuration['adapter']>;
  readonly keys: readonly SigningKey[];
  /** What cookies are signed with, the present one first. */
  readonly cookieKeys: readonly string[];
  readonly people: People;
}

/** What the provider of a portal can do, and no more (R35): authorization code with PKCE, opaque tokens, ES256. */
export const configurationOf = ({
  library,
  portal,
  isHttps,
  adapter,
  keys,
  cookieKeys,
  people,
}: PortalParts): Configuration => ({
  adapter,
  jwks: { keys: keys.map((key) => ({ ...key })) },
  acrValues: [ACR.oneFactor, ACR.twoFactors],
  claims: {
    openid: ['sub', 'sid', 'acr', 'amr', 'auth_time'],
    profile: ['name', 'preferred_username'],
    email: ['email'],
  },
  scopes: ['openid', 'profile', 'email', 'offline_access'],
  responseTypes: ['code'],
  subjectTypes: ['public'],
  clientAuthMethods: ['client_secret_basic', 'private_key_jwt', 'none'],
  pkce: { required: () => true },
  cookies: {
    names: { session: 'twinlock-op-session', interaction: 'twinlock-interaction', resume: 'twinlock-resume' },
    keys: [...cookieKeys],
    long: { httpOnly: true, sameSite: 'lax', secure: isHttps, path: `/p/${portal}`, signed: true },
    // their ids stand in URLs, which others may see
    short: { httpOnly: true, sameSite: 'lax', secure: isHttps, signed: true },
  },
  enabledJWA: {
    idTokenSigningAlgValues: ['ES256'],
    clientAuthSigningAlgValues: ['ES256', 'EdDSA', 'Ed25519', 'RS256'],
    userinfoSigningAlgValues: ['ES256'],
    introspectionSigningAlgValues: ['ES256'],
  },
  features: {
    devInteractions: { enabled: false },
    pushedAuthorizationRequests: { enabled: true },
    revocation: { enabled: true },
    introspection: {
      enabled: true,
      // a public client cannot keep to itself what it learns
      allowedPolicy: async (_, client, token) =>
        client.clientAuthMethod !== 'none' &&
        (await people.of(portal, (token as { sessionUid?: string }).sessionUid)) !== null,
    },
    rpInitiatedLogout: { enabled: true, logoutSource: logoutPage, postLogoutSuccessSource: loggedOutPage },
    resourceIndicators: { enabled: false },
    dPoP: { enabled: false },
    userinfo: { enabled: true },
  },
  interactions: {
    policy: promptsOfPortal(library),
    url: (_, { uid }) => `/p/${portal}/interaction/${uid}`,
  },
  ttl: {
    AccessToken: HOUR / 4,
    AuthorizationCode: 60,
    Grant: SESSION,
    IdToken: HOUR / 4,
    Interaction: HOUR / 4,
    RefreshToken: SESSION,
    Session: SESSION,
  },
  expiresWithSession: () => true,
  issueRefreshToken: (_, client) => client.grantTypeAllowed('refresh_token'),
  rotateRefreshToken: true,
  // from the page of an application that runs in browsers, and from nowhere else
  clientBasedCORS: (_, origin, client) =>
    client.clientAuthMethod === 'none' && (client.redirectUris ?? []).some((uri) => new URL(uri).origin === origin),
  findAccount: async (ctx, sub, token) => {
    const uid = (token as { sessionUid?: string } | undefined)?.sessionUid ?? ctx.oidc.session?.uid;
    await noteLogin(people, portal, ctx);
    const person = await people.of(portal, uid);
    if (person?.accountId !== sub || person.enrolmentRequired) return undefined;
    const { username, displayName, email } = person;
    return {
      accountId: sub,
      claims: () => ({
        sub,
        name: displayName ?? username,
        preferred_username: username,
        ...(email !== null && { email }),
      }),
    };
  },
  // applications are the portal's own: nobody is asked whether they may know who one is
  loadExistingGrant: async (ctx) => {
    const { client, session, account, params, provider } = ctx.oidc;
    if (!client || !account) return undefined;
    const known = session?.grantIdFor(client.clientId);
    const grant =
      (known === undefined ? undefined : await provider.Grant.find(known)) ??
      new provider.Grant({ clientId: client.clientId, accountId: account.accountId });
    grant.addOIDCScope(parameter(params, 'scope'));
    await grant.save();
    return grant;
  },
  renderError,
});

/** A login that has just been made: from here on the provider's session stands on that of identity's. */
async function noteLogin(people: People, portal: string, { oidc }: KoaContextWithOIDC): Promise<void> {
  const login = oidc.result?.login as { accountId?: string; sessionId?: string } | undefined;
  if (login?.accountId === undefined || login.sessionId === undefined || !oidc.session) return;
  const { accountId, sessionId } = login;
  await people.begin(oidc.session.uid, { portal, accountId, sessionId });
}
