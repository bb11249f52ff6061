import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Logger } from 'pino';
import { type AppName, type Endpoint, OPENID_PATHS } from '#libs/contracts/src/http/endpoint.js';
import { correlationIdFrom } from '#libs/contracts/src/context.js';
import { Problem } from '#libs/contracts/src/problems.js';
import { served, type Step, tracing } from '#libs/tracing/src/tracing.js';
import { answerHeaders, notAllowed, rawProblem, REQUEST_ID, unreadable, writeProblem } from './problem-reply.js';
import { routeTable } from './routes.js';

export interface FrontOptions {
  readonly host: string;
  readonly port: number;
  readonly endpoints: readonly Endpoint[];
  readonly handlers: ReadonlyMap<AppName, RequestListener>;
  readonly logger: Logger;
  /** Beside the contracts, by path; for `GET` and `HEAD`. */
  readonly pages: Pages;
  readonly mount?: Mount;
  /** For a body to arrive. */
  readonly bodyTimeoutMs?: number;
}

/** A part of the server with routes of its own; `calls` takes a request to the app that its contract names, or answers 404. */
export type Mount = (calls: RequestListener) => Promise<Mounted>;
export interface Mounted {
  /** Asked only about what no contract knows. */
  serves(path: string): boolean;
  readonly handle: RequestListener;
}

export interface Page {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}
type Pages = Readonly<Record<string, () => Page | Promise<Page>>>;

export interface Front {
  /** `http://127.0.0.1:3000` */
  readonly url: string;
  /** Takes no new requests, lets those at work finish for at most that time, ends the streams. */
  close(patienceMs?: number): Promise<void>;
}

interface Target {
  readonly handle: RequestListener;
  /** Never ends by itself. */
  readonly endless: boolean;
  /** A body of any length, for whose lines the handler waits. */
  readonly takesLines: boolean;
  /** By its route: a path may name somebody. */
  readonly step: Step;
}

/**
 * A missing Host is refused here, with a problem, instead of by Node, without. Connections stay open for longer than most
 * proxies keep one that is idle, so that none of theirs ends at the moment in which it is used again.
 */
const limits = { requestTimeout: 0, headersTimeout: 15_000, keepAliveTimeout: 75_000, requireHostHeader: false };
/** Node's own limit knows no exception; who reads lines has one for each. */
const BODY_TIMEOUT_MS = 30_000;

/** The one HTTP server of a process: finds the app by the contracts and hands it the request. */
export async function openFront({
  host,
  port,
  endpoints,
  handlers,
  logger,
  pages,
  mount,
  bodyTimeoutMs = BODY_TIMEOUT_MS,
}: FrontOptions): Promise<Front> {
  const routes = routeTable<Target>(
    endpoints.filter(({ app }) => handlers.has(app)),
    ({ app, method, path, produces, lines }) => ({
      handle: handlers.get(app)!,
      takesLines: lines !== undefined,
      endless: produces?.includes('text/event-stream') ?? false,
      step: {
        name: `${method} ${path}`,
        attributes: { 'http.request.method': method, 'http.route': path, 'twinlock.app': app },
      },
    }),
  );
  const streams = new Set<ServerResponse>();
  let closing = false;

  const openid = handlers.get('openid');
  const provider: Target | undefined = openid && {
    handle: openid,
    takesLines: false,
    endless: false,
    step: { name: 'OpenID Provider', attributes: { 'http.route': `${OPENID_PATHS}*`, 'twinlock.app': 'openid' } },
  };
  /** Undefined: no contract knows it. */
  const targetOf = (request: IncomingMessage) =>
    routes.find(request.method!, request.url!) ?? (request.url!.startsWith(OPENID_PATHS) ? provider : undefined);
  const toApp = (target: Target, request: IncomingMessage, response: ServerResponse): void => {
    if (target.endless) {
      streams.add(response);
      response.once('close', () => streams.delete(response));
    }
    if (tracing.on) served(target.step, { request, response }, () => target.handle(request, response));
    else target.handle(request, response);
  };
  const mounted =
    mount &&
    (await mount((request, response) => {
      const target = targetOf(request);
      if (target) toApp(target, request, response);
      else writeProblem(response, new Problem('not-found'));
    }));

  const server = createServer(limits, (request, response) => {
    identify(request, response);
    if (closing) response.setHeader('connection', 'close');
    const hosts = hostsOf(request);
    if (hosts > 1) return void refuse(response, 'There is more than one Host header.');
    const target = targetOf(request);
    if (hasBody(request)) {
      // who is refused may go on sending for ever
      if (target?.takesLines) response.setHeader('connection', 'close');
      else limitArrival(request, response, bodyTimeoutMs);
    }
    if (hosts === 0 && request.httpVersion === '1.1') return void refuse(response, 'The Host header is missing.');
    if (target) return toApp(target, request, response);
    if (mounted?.serves(pathOf(request)) === true) return mounted.handle(request, response);
    const methods = routes.methodsOf(request.url!);
    if (methods.length === 0) return void answerPage(pages, logger, request, response);
    // a body that nobody reads must not be taken for the next request
    request.resume();
    writeProblem(response, notAllowed(methods));
  });
  server.on('clientError', refuseUnreadable);
  server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
    identify(request, response);
    refuse(response, 'The only supported expectation is 100-continue.');
  });
  await listen(server, port, host);

  return {
    url: urlOf(server.address() as AddressInfo, host),
    async close(patienceMs = 10_000) {
      closing = true;
      const closed = new Promise((done) => server.close(done));
      for (const stream of streams) stream.destroy();
      // a connection whose last answer has gone out would wait for another request
      const sweep = setInterval(() => server.closeIdleConnections(), 20);
      const late = setTimeout(() => server.closeAllConnections(), patienceMs);
      await closed;
      clearInterval(sweep);
      clearTimeout(late);
    },
  };
}

async function answerPage(
  pages: Pages,
  logger: Logger,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  request.resume();
  const path = pathOf(request);
  try {
    const page = Object.hasOwn(pages, path) ? pages[path]! : undefined;
    if (page && !pageMethods.includes(request.method!)) writeProblem(response, notAllowed(pageMethods));
    else if (page) writePage(response, await page());
    else writeProblem(response, isWellFormed(path) ? new Problem('not-found') : badUrl());
  } catch (error) {
    logger.error({ err: error, page: path }, 'a page failed');
    if (response.headersSent) response.destroy();
    else writeProblem(response, new Problem('internal-error'));
  }
}

export const pageMethods: readonly string[] = ['GET', 'HEAD'];

function writePage(response: ServerResponse, { status, type, body }: Page): void {
  response.writeHead(status, { ...answerHeaders, 'content-type': type, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

/** Whoever handles it, here or behind the gateway, knows it by this id, and every answer says it (R46). */
function identify(request: IncomingMessage, response: ServerResponse): void {
  const id = correlationIdFrom(request.headers[REQUEST_ID]);
  request.headers[REQUEST_ID] = id;
  response.setHeader(REQUEST_ID, id);
}

/** What is left of the request is not read: the connection ends with the answer. */
function refuse(response: ServerResponse, detail: string): void {
  response.setHeader('connection', 'close');
  writeProblem(response, unreadable(detail));
}

/** Of several Node shows the first alone. */
const hostsOf = ({ rawHeaders }: IncomingMessage): number =>
  rawHeaders.filter((name, at) => at % 2 === 0 && name.length === 4 && name.toLowerCase() === 'host').length;

const pathOf = (request: IncomingMessage): string => request.url!.split('?', 1)[0]!;

const badUrl = () => unreadable('The URL is malformed.', 'url');

function isWellFormed(path: string): boolean {
  try {
    decodeURI(path);
    return true;
  } catch {
    return false;
  }
}

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

function limitArrival(request: IncomingMessage, response: ServerResponse, ms: number): void {
  const late = setTimeout(() => {
    const timeout = Object.assign(new Error('timeout'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' });
    if (response.headersSent) request.destroy();
    else refuseUnreadable(timeout, request.socket);
  }, ms).unref();
  // it comes when the body is read, or nobody sends it any more
  request.once('close', () => clearTimeout(late));
}

/** Bytes that are no HTTP request, headers over 16 KiB, a request that takes over 30 seconds to arrive. */
function refuseUnreadable(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const detail =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? 'The headers are too large.'
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? 'The request did not arrive in time.'
        : 'This is not a valid HTTP request.';
  socket.end(rawProblem(unreadable(detail)));
}

const listen = (server: Server, port: number, host: string): Promise<void> =>
  new Promise((done, failed) => {
    server.once('error', failed);
    server.listen(port, host, () => {
      server.off('error', failed);
      done();
    });
  });

/** Where one can reach it from here: an address that means "all" is no address to go to. */
const urlOf = ({ port }: AddressInfo, host: string): string => {
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`;
};
