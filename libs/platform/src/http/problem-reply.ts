import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';
import { Problem } from '#libs/contracts/src/problems.js';

/** On every answer: none is to be kept by a cache, or read as anything but what it says it is. */
export const answerHeaders = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
} as const;

/** By this header the caller may name the request; its answer names it in any case. */
export const REQUEST_ID = 'x-request-id';

const MEDIA_TYPE = 'application/problem+json';

function headersOf({ status, extras: { retryAfter, allow } }: Problem): Record<string, string> {
  const headers: Record<string, string> = { 'content-type': MEDIA_TYPE };
  if (retryAfter !== undefined) headers['retry-after'] = String(retryAfter);
  if (allow !== undefined) headers.allow = allow.join(', ');
  if (status === 401) headers['www-authenticate'] = 'Bearer';
  return headers;
}

const bodyOf = (problem: Problem, requestId: unknown): string =>
  JSON.stringify(Object.assign(problem.toDocument(), { requestId }));

const asItIs = (text: unknown): string => text as string;

export function sendProblem(reply: FastifyReply, problem: Problem): void {
  // with a serializer of its own, or Fastify would add a charset, which this media type does not have
  void reply
    .code(problem.status)
    // also of a call whose answers may be kept
    .headers({ ...answerHeaders, ...headersOf(problem) })
    .serializer(asItIs)
    .send(bodyOf(problem, reply.request.id));
}

/** A request that could not be read. `field`: the part it is about; empty for the body as a whole. */
export const unreadable = (message: string, field = ''): Problem =>
  new Problem('malformed-request', message, { errors: [{ field, message }] });

/** A known path, asked in a way that it does not have. */
export const notAllowed = (allow: readonly string[]): Problem =>
  new Problem('method-not-allowed', `This path allows ${allow.join(', ')}.`, { allow });

/** Where no framework has the request yet. */
export function writeProblem(response: ServerResponse, problem: Problem): void {
  const body = bodyOf(problem, response.getHeader(REQUEST_ID));
  response.writeHead(problem.status, {
    ...answerHeaders,
    ...headersOf(problem),
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}

/** The same as bytes, for a connection whose request could not even be read. */
export function rawProblem(problem: Problem): string {
  const requestId = randomUUID();
  const body = bodyOf(problem, requestId);
  const headers = {
    ...answerHeaders,
    [REQUEST_ID]: requestId,
    ...headersOf(problem),
    'content-length': Buffer.byteLength(body),
    connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${problem.status} Problem\r\n${lines.join('')}\r\n${body}`;
}
