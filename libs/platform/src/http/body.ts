import { isUtf8 } from 'node:buffer';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Problem } from '#libs/contracts/src/problems.js';
import { unreadable } from './problem-reply.js';

/** 64 KiB. */
export const BODY_LIMIT = 65_536;

type Parsed = (error: Error | null, parsed?: unknown) => void;
const JSON_TYPE = /^application\/json *(;|$)/i;

/**
 * JSON alone is read, as UTF-8 alone (RFC 8259 §8.1); no `__proto__`, no `constructor.prototype`. An empty body is none,
 * whatever type a client sends with it, and however it says that there is nothing.
 */
export function readJsonBodies(fastify: FastifyInstance): void {
  const parse = fastify.getDefaultJsonParser('error', 'error');
  fastify.removeAllContentTypeParsers();
  fastify.addHook('onRequest', (request, _reply, done) => {
    const { headers } = request.raw;
    if (headers['content-type'] !== undefined && !JSON_TYPE.test(headers['content-type']))
      delete headers['content-type'];
    done();
  });
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
