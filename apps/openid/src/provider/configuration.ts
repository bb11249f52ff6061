import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Client, Configuration, KoaContextWithOIDC } from 'oidc-provider';
import { tokenHash } from '#libs/secrets/src/tokens.js';
import { type Claims, faultOf, MANAGE } from '../hand-over/hand-over-request.js';
import type { SigningKey } from '../keys/signing-keys.js';
import type { People, Person, SessionRef } from '../people/people.js';
import { ACR, authenticationOf } from '../people/person-session.js';
import type { Library } from './library.js';
import { loggedOutPage, logoutPage, renderError } from './pages.js';
import { parameter } from './parameters.js';
import { promptsOfPortal } from './policy.js';

/** What clients sign with (RFC 7518, RFC 8037, RFC 9864). */
const clientAlgorithms = ['ES256', 'EdDSA', 'Ed25519', 'RS256'] as const;
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
  readonly isRegistered: (clientId: string) => Promise<boolean>;
  /** Whether what a code was given for by hand-over still stands (R34). */
  readonly isHandedOver: (uid: string, accountId: string) => Promise<boolean>;
  /** Milliseconds. */
  readonly now: () => number;
  /** Of the session that the browser has at the console. */
  readonly consoleToken: (request: IncomingMessage) => string | undefined;
}

/** A login that was completed at the console, as an interaction's result has it. */
export interface NotedLogin extends Omit<SessionRef, 'portal'> {
  /** Hash of the token of the session that it is. */
  readonly by: string;
}

/** What the provider of a portal can do, and no more (R35): authorization code with PKCE, opaque tokens, ES256. */
export const configurationOf = (parts: PortalParts): Configuration => ({
  adapter: parts.adapter,
  jwks: { keys: parts.keys.map((key) => ({ ...key })) },
  acrValues: [ACR.oneFactor, ACR.twoFactors],
  claims: {
    openid: ['sub', 'sid', 'acr', 'amr', 'auth_time'],
    profile: ['name', 'preferred_username'],
    email: ['email'],
  },
  scopes: ['openid', 'profile', 'email', 'offline_access', MANAGE],
  extraClientMetadata: { properties: ['vouches'] },
  responseTypes: ['code'],
  allowOmittingSingleRegisteredRedirectUri: false,
  subjectTypes: ['public'],
  clientAuthMethods: ['client_secret_basic', 'private_key_jwt', 'none'],
  pkce: { required: () => true },
  cookies: cookiesOf(parts),
  enabledJWA: {
    idTokenSigningAlgValues: ['ES256'],
    clientAuthSigningAlgValues: [...clientAlgorithms],
    requestObjectSigningAlgValues: [...clientAlgorithms],
    userinfoSigningAlgValues: ['ES256'],
    introspectionSigningAlgValues: ['ES256'],
  },
  features: {
    devInteractions: { enabled: false },
    pushedAuthorizationRequests: { enabled: true },
    requestObjects: {
      enabled: true,
      assertJwtClaimsAndHeader: (ctx, claims, header, client) => checkRequestObject(parts, ctx, claims, header, client),
    },
    revocation: { enabled: true },
    introspection: {
      enabled: true,
      // a public client cannot keep to itself what it learns; one that hands over does nothing else
      allowedPolicy: async (_, { clientAuthMethod, vouches }, token) => {
        const { clientId = '', accountId } = token as Token;
        if (vouches === true || clientAuthMethod === 'none' || !(await parts.isRegistered(clientId))) return false;
        return (await personOf(parts, token, accountId)) !== undefined;
      },
    },
    rpInitiatedLogout: { enabled: true, logoutSource: logoutPage, postLogoutSuccessSource: loggedOutPage },
    resourceIndicators: { enabled: false },
    dPoP: { enabled: false },
    userinfo: { enabled: true },
  },
  interactions: {
    policy: promptsOfPortal(parts.library),
    url: (_, { uid }) => `/p/${parts.portal}/interaction/${uid}`,
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
    await noteLogin(parts, ctx);
    const person = await personOf(parts, token ?? { sessionUid: ctx.oidc.session?.uid }, sub);
    if (!person)
      return (await isHandedOver(parts, token, sub)) ? { accountId: sub, claims: () => ({ sub }) } : undefined;
    if (!token) noteFactors(ctx, person);
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
  loadExistingGrant,
  renderError,
});

const cookiesOf = ({ portal, isHttps, cookieKeys }: PortalParts): Configuration['cookies'] => ({
  names: { session: 'twinlock-op-session', interaction: 'twinlock-interaction', resume: 'twinlock-resume' },
  keys: [...cookieKeys],
  long: { httpOnly: true, sameSite: 'lax', secure: isHttps, path: `/p/${portal}`, signed: true },
  // their ids stand in URLs, which others may see
  short: { httpOnly: true, sameSite: 'lax', secure: isHttps, signed: true },
});

/** What of any token is looked at here. */
interface Token {
  readonly kind?: string;
  readonly sessionUid?: string;
  readonly clientId?: string;
  readonly accountId?: string;
}

/** Who may have tokens now; undefined: nobody, or somebody who must set up 2FA first (R37). */
async function personOf(
  { people, portal }: PortalParts,
  token: object,
  accountId: string | undefined,
): Promise<Person | undefined> {
  const { sessionUid } = token as Token;
  const person = await people.of(portal, sessionUid);
  return person && person.accountId === accountId && !person.enrolmentRequired ? person : undefined;
}

/** Of the code that answers a hand-over, and of nothing else: a token of it is good for nothing. */
async function isHandedOver({ isHandedOver: isGood }: PortalParts, token: object | undefined, accountId: string) {
  const { kind, sessionUid } = (token ?? {}) as Token;
  return kind === 'AuthorizationCode' && sessionUid !== undefined && isGood(sessionUid, accountId);
}

/**
 * Only who hands people over sends request objects, and pushes them (R34): each once. The signature is the library's to check.
 */
async function checkRequestObject(
  { library: { errors }, now }: PortalParts,
  { oidc }: KoaContextWithOIDC,
  claims: Claims,
  header: Claims,
  client: Client,
): Promise<void> {
  if (client.vouches !== true) {
    // the library writes what is pushed without a signature as an object of its own
    if (oidc.entities.PushedAuthorizationRequest) return;
    throw new errors.RequestNotSupported();
  }
  // what was pushed is opened elsewhere; nothing of a login is for one who vouches
  if (oidc.route !== 'pushed_authorization_request') throw new errors.InvalidRequest('push the request (RFC 9126)');
  const fault = faultOf(claims, header, { issuer: oidc.issuer, now: now() });
  if (fault !== null) throw new errors.InvalidRequestObject(fault);
  const { jti, exp } = claims as { jti: string; exp: number };
  const isNew = await oidc.provider.ReplayDetection.unique(`${client.clientId} request `, jti, exp).catch((error) => {
    // of two at once
    if (error instanceof errors.InvalidClientAuth) return false;
    throw error;
  });
  if (!isNew) throw new errors.InvalidRequestObject('the `jti` was used before');
}

/** Applications are the portal's own: nobody is asked whether they may know who one is. Scopes that there are not are not granted. */
const loadExistingGrant: Configuration['loadExistingGrant'] = async ({ oidc }) => {
  const { client, session, account, params, provider } = oidc;
  if (!client || !account) return undefined;
  const known = session?.grantIdFor(client.clientId);
  const grant =
    (known === undefined ? undefined : await provider.Grant.find(known)) ??
    new provider.Grant({ clientId: client.clientId, accountId: account.accountId });
  const asked = parameter(params, 'scope').split(' ');
  grant.addOIDCScope(asked.filter((scope) => granted.has(scope)).join(' '));
  await grant.save();
  return grant;
};
const granted: ReadonlySet<string> = new Set(['openid', 'profile', 'email']);

/**
 * A login that has just been made, in the very browser whose session at the console it is: from here on the provider's session
 * stands on that of identity's. What the one before had got does not live again with it.
 */
async function noteLogin(
  { people, portal, consoleToken }: PortalParts,
  { oidc, req }: KoaContextWithOIDC,
): Promise<void> {
  const login = oidc.result?.login as Partial<NotedLogin> | undefined;
  const { session } = oidc;
  if (login?.accountId === undefined || login.sessionId === undefined || !session) return;
  const token = consoleToken(req);
  if (token === undefined || tokenHash(token) !== login.by) return;
  const { accountId, sessionId } = login;
  if ((await people.sessionOf(portal, session.uid)) === sessionId) return;
  session.uid = randomUUID();
  session.authorizations = undefined;
  await people.begin(session.uid, { portal, accountId, sessionId });
}

/**
 * Who has set up 2FA or entered a code at the console since has logged in with two factors, for the applications too. Never
 * the other way: the person is as of a second ago, the session may be of now.
 */
function noteFactors({ oidc: { session } }: KoaContextWithOIDC, person: Person): void {
  const { acr, amr } = authenticationOf(person);
  if (!session || session.acr === acr || acr !== ACR.twoFactors) return;
  Object.assign(session, { acr, amr: [...amr] });
}
