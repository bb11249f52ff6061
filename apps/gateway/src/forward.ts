import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import type { Logger } from 'pino';
import type { AppName } from '#libs/contracts/src/http/endpoint.js';
import { Problem } from '#libs/contracts/src/problems.js';
import { BODY_LIMIT } from '#libs/platform/src/http/body.js';
import { writeProblem } from '#libs/platform/src/http/problem-reply.js';
import type { Instances } from './instances.js';

export interface Destination {
  readonly app: AppName;
  readonly instances: Instances;
  readonly logger: Logger;
  readonly onUnreached: () => void;
}

/**
 * Takes a request to an instance of its app, and to the next one where that cannot have been carried out: the connection was
 * not made, or the request changes nothing. The app sees the caller's address as the last of `X-Forwarded-For`: it has the
 * gateway in TRUST_PROXY.
 */
export async function forward(
  { app, instances, logger, onUnreached }: Destination,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await bodyOf(request).catch(() => undefined);
  if (body === undefined) return void response.destroy();
  if (body === 'too-large') {
    response.setHeader('connection', 'close');
    return writeProblem(response, new Problem('body-too-large'));
  }
  rewriteHeaders(request, body);
  for (const instance of instances.inTurn()) {
    try {
      await instance.proxy.web(request, response, { buffer: Readable.from(body.length > 0 ? [body] : []) });
      return;
    } catch (error) {
      onUnreached();
      logger.warn({ app, origin: instance.origin, error: codeOf(error) }, 'an app could not be reached');
      if (response.headersSent || response.destroyed) return void response.destroy();
      if (wasNotSent(error)) instance.ready = false;
      else if (request.method !== 'GET') break;
    }
  }
  writeProblem(response, new Problem('unavailable', `${app} cannot be reached.`, { retryAfter: 1 }));
}

/** All of it, so that it can be sent twice. Rejects when the caller goes away. */
async function bodyOf(request: IncomingMessage): Promise<Buffer | 'too-large'> {
  const chunks: Buffer[] = [];
  let length = 0;
  // what is left of one that is too large stays unread, and the connection open for the answer
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > BODY_LIMIT) return 'too-large';
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/**
 * The body is here, so nothing is to be asked about it, and its length is what was read: a request of no length whose body
 * followed it would be a second request to the app. What the caller claims to have been sent on for comes before its address.
 */
function rewriteHeaders({ headers, socket }: IncomingMessage, body: Buffer): void {
  delete headers.expect;
  delete headers['transfer-encoding'];
  headers['content-length'] = String(body.length);
  const chain = [headers['x-forwarded-for'], socket.remoteAddress].flat().filter((address) => address !== undefined);
  headers['x-forwarded-for'] = chain.join(', ');
}

/** Making the connection failed. */
function wasNotSent(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.every(wasNotSent);
  const { syscall } = error as NodeJS.ErrnoException;
  return syscall === 'connect' || syscall === 'getaddrinfo';
}

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? (error as Error).name;
