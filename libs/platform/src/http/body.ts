import { isUtf8 } from 'node:buffer';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { unreadable } from './problem-reply.js';

/** 64 KiB. */
export const BODY_LIMIT = 65_536;

/** JSON alone is read, as UTF-8 alone (RFC 8259 §8.1); no `__proto__`, no `constructor.prototype`. An empty body is none. */
export function readJsonBodies(fastify: FastifyInstance): void {
  const parse = fastify.getDefaultJsonParser('error', 'error');
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer' },
    (request: FastifyRequest, body: Buffer, done: (error: Error | null, parsed?: unknown) => void) => {
      if (body.length === 0) done(null, undefined);
      else if (!isUtf8(body)) done(unreadable('The body is not UTF-8.'));
      else void parse(request, body.toString('utf8'), done);
    },
  );
}
