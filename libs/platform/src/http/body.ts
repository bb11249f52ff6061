import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { endpoints } from '#libs/contracts/src/http/endpoints.js';
import { NDJSON, OPENID_PATHS } from '#libs/contracts/src/http/endpoint.js';
import { Problem } from '#libs/contracts/src/problems.js';
import { unreadable } from './problem-reply.js';
import { routeTable } from './routes.js';

/** 64 KiB. */
export const BODY_LIMIT = 65_536;

type Parsed = (error: Error | null, parsed?: unknown) => void;
const JSON_TYPE = /^application\/json *(;|$)/i;
const LINES_TYPE = new RegExp(`^${NDJSON} *(;|$)`, 'i');

/**
 * JSON alone is read, as UTF-8 alone (RFC 8259 §8.1); no `__proto__`, no `constructor.prototype`. An empty body is none,
 * whatever type a client sends with it, and however it says that there is nothing. Lines are handed on unread, to the calls
 * whose contract has them.
 */
export function readJsonBodies(fastify: FastifyInstance): void {
  const parse = fastify.getDefaultJsonParser('error', 'error');
  fastify.removeAllContentTypeParsers();
  fastify.addHook('onRequest', (request, _reply, done) => {
    const { headers } = request.raw;
    const type = headers['content-type'];
    // the OpenID Provider reads its own
    if (type === undefined || JSON_TYPE.test(type) || request.url.startsWith(OPENID_PATHS)) done();
    else if (takesLines(request.raw)) done(LINES_TYPE.test(type) ? undefined : notLines());
    else {
      delete headers['content-type'];
      done();
    }
  });
  fastify.addContentTypeParser(LINES_TYPE, (_request: FastifyRequest, lines: IncomingMessage, done: Parsed) =>
    done(null, lines),
  );
  fastify.addContentTypeParser('*', { parseAs: 'buffer' }, (_request: FastifyRequest, body: Buffer, done: Parsed) => {
    if (body.length === 0) done(null, undefined);
    else done(new Problem('unsupported-media-type', 'Send JSON, as application/json.'));
  });
  fastify.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer' },
    (request: FastifyRequest, body: Buffer, done: Parsed) => {
      if (body.length === 0) done(null, undefined);
      else if (!isUtf8(body)) done(unreadable('The body is not UTF-8.'));
      else void parse(request, body.toString('utf8'), done);
    },
  );
}

export const notLines = (): Problem => new Problem('unsupported-media-type', `Send NDJSON, as ${NDJSON}.`);

const ofLines = routeTable(
  endpoints.filter(({ lines }) => lines !== undefined),
  () => true,
);
/** Whether its body is of any length, and read a line at a time by who handles it. */
export const takesLines = ({ method = 'GET', url = '/' }: Pick<IncomingMessage, 'method' | 'url'>): boolean =>
  ofLines.find(method, url) ?? false;

/** Calls whose contract takes longer bodies than others. */
const longer = endpoints.filter(({ bodyBytes }) => bodyBytes !== undefined);
const longerRoutes = routeTable(longer, ({ bodyBytes = BODY_LIMIT }) => bodyBytes);

/** Bytes that the body of this request may have. */
export const bodyLimitOf = ({ method = 'GET', url = '/' }: Pick<IncomingMessage, 'method' | 'url'>): number =>
  longerRoutes.find(method, url) ?? BODY_LIMIT;

/** To be said before there are routes. */
export function takeLongerBodies(fastify: FastifyInstance): void {
  fastify.addHook('onRoute', (route) => {
    const contract = longer.find(({ method, path }) => route.method === method && route.url === path);
    if (contract?.bodyBytes !== undefined) route.bodyLimit = contract.bodyBytes;
  });
}
