import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import type { Logger } from 'pino';
import type { ServingApp } from '#libs/contracts/src/http/endpoint.js';
import { Problem } from '#libs/contracts/src/problems.js';
import { bodyLimitOf, takesLines } from '#libs/platform/src/http/body.js';
import { writeProblem } from '#libs/platform/src/http/problem-reply.js';
import { type Traced, tracing, within } from '#libs/tracing/src/tracing.js';
import type { Instances } from './instances.js';

export interface Destination {
  readonly app: ServingApp;
  readonly instances: Instances;
  /** Who makes a request. */
  readonly addressOf: (request: IncomingMessage) => string;
  readonly logger: Logger;
  readonly onUnreached: () => void;
}

/**
 * Takes a request to an instance of its app, and to the next one where that cannot have been carried out: the connection was
 * not made, or the request changes nothing. The app, which has the gateway in TRUST_PROXY, is told who calls, and by whom else
 * the caller claims to have been sent on is not passed on.
 */
export async function forward(
  { app, instances, addressOf, logger, onUnreached }: Destination,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  // a caller who hangs up has none later
  const address = addressOf(request);
  const body = takesLines(request) ? 'lines' : await bodyOf(request).catch(() => undefined);
  if (body === undefined) return void response.destroy();
  if (body === 'too-large') {
    response.setHeader('connection', 'close');
    return writeProblem(response, new Problem('body-too-large'));
  }
  rewriteHeaders(request, body, address);
  for (const instance of instances.inTurn()) {
    try {
      const again = body === 'lines' ? {} : { buffer: Readable.from(body.length > 0 ? [body] : []) };
      await send(app, request, () => instance.proxy.web(request, response, again));
      return;
    } catch (error) {
      onUnreached();
      logger.warn({ app, origin: instance.origin, error: codeOf(error) }, 'an app could not be reached');
      if (response.headersSent || response.destroyed) return void response.destroy();
      if (wasNotSent(error)) instance.ready = false;
      else if (request.method !== 'GET' && request.method !== 'HEAD') break;
      // what was read of them is gone
      if (body === 'lines') break;
    }
  }
  writeProblem(response, new Problem('unavailable', `${app} cannot be reached.`, { retryAfter: 1 }));
}

/** Each try is a step of its own, and the app finds itself in it. */
function send(app: ServingApp, { method, headers }: IncomingMessage, web: () => Promise<void>): Promise<void> {
  if (!tracing.on) return web();
  const step = { name: `forward to ${app}`, kind: 'CLIENT', attributes: { 'http.request.method': method } } as const;
  return within(step, {}, ({ traceparent }: Traced) => {
    headers.traceparent = traceparent;
    return web();
  });
}

/** All of it, so that it can be sent twice. Rejects when the caller goes away. */
async function bodyOf(request: IncomingMessage): Promise<Buffer | 'too-large'> {
  const limit = bodyLimitOf(request);
  const chunks: Buffer[] = [];
  let length = 0;
  // what is left of one that is too large stays unread, and the connection open for the answer
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > limit) return 'too-large';
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/**
 * The body is here, so nothing is to be asked about it, and its length is what was read: a request of no length whose body
 * followed it would be a second request to the app. The caller's address stands in either header that the app may look at.
 * Lines, whose length nobody knows yet, are sent on in pieces.
 */
function rewriteHeaders({ headers }: IncomingMessage, body: Buffer | 'lines', address: string): void {
  delete headers.expect;
  delete headers['transfer-encoding'];
  delete headers['content-length'];
  if (body === 'lines') headers['transfer-encoding'] = 'chunked';
  else headers['content-length'] = String(body.length);
  headers['x-forwarded-for'] = address;
  headers.forwarded = address.includes(':') ? `for="[${address}]"` : `for=${address}`;
}

/** Making the connection failed. */
function wasNotSent(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.every(wasNotSent);
  const { syscall } = error as NodeJS.ErrnoException;
  return syscall === 'connect' || syscall === 'getaddrinfo';
}

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? (error as Error).name;
