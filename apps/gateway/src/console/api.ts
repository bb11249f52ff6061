import type { IncomingHttpHeaders, RequestListener } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Endpoint } from '#libs/contracts/src/http/endpoint.js';
import { identityEndpoints } from '#libs/contracts/src/http/identity.js';
import type { ProblemCode } from '#libs/contracts/src/problems.js';
import { readJsonBodies } from '#libs/platform/src/http/body.js';
import { type CookieName, type Cookies, handOverCookie } from '#libs/platform/src/http/cookies.js';
import { type CallAnswer, exchange } from './exchange.js';
import { cookieOf, personAt } from './kept.js';
import { type PageCall, pageCalls } from './pages/page-calls.js';

export const API = '/console/api';

/** `/console/api/v1/…`: the calls of the contracts, by cookie. `calls` takes them to their apps. */
export function servePageCalls(fastify: FastifyInstance, calls: RequestListener, cookies: Cookies): void {
  readJsonBodies(fastify);
  for (const call of pageCalls) {
    const { method, path } = call.endpoint;
    const handler = call.streams ? passThrough(call, calls, cookies) : exchanged(call, calls, cookies);
    fastify.route({ method, url: API + path, handler });
  }
}

type Handler = (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;

function passThrough({ endpoint }: PageCall, calls: RequestListener, cookies: Cookies): Handler {
  return async (request, reply) => {
    const { raw } = request;
    raw.headers = headersFor(request, bearerOf(endpoint, request, cookies)?.token);
    raw.url = request.url.slice(API.length);
    reply.hijack();
    calls(raw, reply.raw);
  };
}

function exchanged(call: PageCall, calls: RequestListener, cookies: Cookies): Handler {
  const { endpoint } = call;
  return async (request, reply) => {
    const bearer = bearerOf(endpoint, request, cookies);
    const person = personAt(endpoint, request, cookies);
    const answer = await exchange(calls, request.raw, {
      method: endpoint.method,
      url: request.url.slice(API.length),
      headers: headersFor(request, bearer?.token),
      body: restored(call, request, person, cookies),
    });
    const content = contentOf(answer);
    const loggedIn = content?.accessToken !== undefined;
    const left = loggedIn ? await logOut(calls, request, cookies) : undefined;
    // the browser would lose sight of a session that goes on: the person logs in again
    if (left !== undefined && left.status >= 500) return sendAnswer(reply, left);
    endCookies(call, bearer?.cookie, person, content, answer, reply, cookies);
    if (content?.status === 'code-required') endBrowser(request, person, reply, cookies);
    keepFields(call, content, person, reply, cookies);
    return sendAnswer(reply, answer, content);
  };
}

/** Says that a call of the page is the operator's, where a session may make it too. */
const AS = 'x-twinlock-as';
/** Says that a call is that of a person whom a gateway has handed over, and which (R34). */
const HAND_OVER = 'x-twinlock-hand-over';

function bearerOf(
  { allow }: Endpoint,
  request: FastifyRequest,
  cookies: Cookies,
): { cookie: CookieName; token: string } | undefined {
  if (allow.includes('public')) return undefined;
  const handOver = request.headers[HAND_OVER];
  if (handOver !== undefined) {
    // no session that the browser has besides (R34)
    const cookie = handOverCookie(String(handOver));
    const token = cookie && cookies.read(request, cookie);
    return cookie && token !== undefined ? { cookie, token } : undefined;
  }
  const bySession = allow.includes('session') || allow.includes('administrator');
  const cookie = bySession && request.headers[AS] !== 'operator' ? 'session' : 'operator';
  if (cookie === 'operator' && !allow.includes('operator')) return undefined;
  const token = cookies.read(request, cookie);
  return token === undefined ? undefined : { cookie, token };
}

/** Ends the session that the browser has; undefined: it has none. */
async function logOut(
  calls: RequestListener,
  request: FastifyRequest,
  cookies: Cookies,
): Promise<CallAnswer | undefined> {
  const session = cookies.read(request, 'session');
  if (session === undefined) return undefined;
  const { method, path } = identityEndpoints.logout;
  return exchange(calls, request.raw, { method, url: path, headers: headersFor(request, session), body: undefined });
}

/** The browser's own, without what is between it and the console alone. */
export function headersFor(request: FastifyRequest, token: string | undefined): IncomingHttpHeaders {
  const headers = { ...request.headers };
  for (const name of [
    'authorization',
    'cookie',
    'x-twinlock-console',
    AS,
    HAND_OVER,
    'origin',
    'referer',
    'accept-encoding',
    'content-type',
    'content-length',
    'transfer-encoding',
    'expect',
  ]) {
    delete headers[name];
  }
  return token === undefined ? headers : { ...headers, authorization: `Bearer ${token}` };
}

type Fields = Record<string, unknown>;
const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function restored(
  { restored: fields }: PageCall,
  request: FastifyRequest,
  person: string | undefined,
  cookies: Cookies,
): unknown {
  const { body } = request;
  if (fields.length === 0 || !isFields(body)) return body;
  return {
    ...body,
    ...Object.fromEntries(fields.map((field) => [field, cookies.read(request, cookieOf(field, person)) ?? ''])),
  };
}

function contentOf({ headers, body }: CallAnswer): Fields | undefined {
  if (!/^application\/(problem\+)?json\b/.test(String(headers['content-type']))) return undefined;
  const content: unknown = JSON.parse(body.toString('utf8'));
  return isFields(content) ? content : undefined;
}

const endsBearer: readonly unknown[] = ['session-ended', 'unauthenticated'] satisfies ProblemCode[];
/** These a login meets when it is used up. */
const endsSsoLogin: readonly unknown[] = [
  'invalid-credentials',
  'account-suspended',
  'account-locked',
] satisfies ProblemCode[];
const endsChallenge: readonly unknown[] = ['challenge-ended', 'account-locked'] satisfies ProblemCode[];

function endCookies(
  { endpoint, restored: fields }: PageCall,
  bearer: CookieName | undefined,
  person: string | undefined,
  content: Fields | undefined,
  { status }: CallAnswer,
  reply: FastifyReply,
  cookies: Cookies,
): void {
  const loggedOut = endpoint === identityEndpoints.logout && status < 500;
  const refused = status === 401 && endsBearer.includes(content?.code);
  // that of a hand-over says until its end whose it is
  const isKept = bearer?.startsWith('hand-over-');
  if (bearer && !isKept && (loggedOut || refused)) cookies.set(reply, bearer, undefined);
  // any site can lead the browser to where a login is completed: what is none of its ends none
  if (fields.includes('ssoLogin') && (status < 400 || endsSsoLogin.includes(content?.code)))
    cookies.set(reply, 'sso', undefined);
  if (fields.includes('challenge') && (status < 400 || endsChallenge.includes(content?.code))) {
    cookies.set(reply, 'challenge', undefined);
    if (person !== undefined) cookies.set(reply, 'person', undefined);
  }
}

/** The browser is not remembered, or no longer: its token is good for nothing. */
function endBrowser(request: FastifyRequest, person: string | undefined, reply: FastifyReply, cookies: Cookies): void {
  const cookie = cookieOf('browserToken', person);
  if (cookies.read(request, cookie) !== undefined) cookies.set(reply, cookie, undefined);
}

/** Moves them from the content into their cookies. */
function keepFields(
  { kept }: PageCall,
  content: Fields | undefined,
  person: string | undefined,
  reply: FastifyReply,
  cookies: Cookies,
): void {
  if (content === undefined) return;
  const { browserExpiresAt, rememberDays } = content;
  for (const field of kept) {
    const value = content[field];
    delete content[field];
    if (typeof value !== 'string') continue;
    const until =
      field === 'browserToken' && typeof browserExpiresAt === 'string' ? Date.parse(browserExpiresAt) : undefined;
    cookies.set(reply, cookieOf(field, person), value, until);
    // the code comes without a name, and may have the browser remembered
    if (field === 'challenge' && rememberDays !== undefined) cookies.set(reply, 'person', person);
  }
}

/** Of the connection to the app, not of the answer; the length is that of the content as it is now. */
const notPassedOn = new Set(['connection', 'content-length', 'date', 'keep-alive', 'set-cookie', 'transfer-encoding']);

export function sendAnswer(reply: FastifyReply, { status, headers, body }: CallAnswer, content?: Fields) {
  for (const [name, value] of Object.entries(headers)) {
    if (!notPassedOn.has(name) && value !== undefined) void reply.header(name, value);
  }
  // as bytes, or Fastify would add a charset, which a problem document does not have
  return reply.code(status).send(content === undefined ? body : Buffer.from(JSON.stringify(content)));
}
