import { Agent, type IncomingMessage, type RequestListener, ServerResponse } from 'node:http';
import { createProxyServer } from 'httpxy';
import type { Logger } from 'pino';
import type { AppName } from '#libs/contracts/src/http/endpoint.js';
import { endpoints } from '#libs/contracts/src/http/endpoints.js';
import { Problem } from '#libs/contracts/src/problems.js';
import { type Front, openFront, type Page } from '#libs/platform/src/http/front.js';
import { writeProblem } from '#libs/platform/src/http/problem-reply.js';
import { openApiDocument } from '#libs/platform/src/openapi/document.js';
import type { GatewaySettings } from './settings.js';

/** Longer than an app takes for its slowest answer. Streams are not cut by it: their first bytes come at once, and a heartbeat after. */
const UPSTREAM_TIMEOUT_MS = 30_000;
const READY_TIMEOUT_MS = 2_000;

/** One origin for the split apps: each call goes to the app that its contract names. */
export function openGateway({ port, host, upstreams }: GatewaySettings, logger: Logger): Promise<Front> {
  const handlers = new Map(
    Object.entries(upstreams).map(([app, origin]) => [app as AppName, forwardTo(app as AppName, origin, logger)]),
  );
  const document = json(200, openApiDocument(endpoints));
  return openFront({
    host,
    port,
    endpoints,
    handlers,
    logger,
    pages: {
      '/openapi.json': () => document,
      '/health/live': () => json(200, { status: 'ok' }),
      '/health/ready': () => readiness(upstreams),
    },
  });
}

/** The app sees the caller's address as the last of `X-Forwarded-For`: it has the gateway in TRUST_PROXY. */
function forwardTo(app: AppName, target: string, logger: Logger): RequestListener {
  const agent = target.startsWith('http:') ? new Agent({ keepAlive: true }) : undefined;
  const proxy = createProxyServer({ target, proxyTimeout: UPSTREAM_TIMEOUT_MS, ...(agent && { agent }) });
  proxy.on('proxyReq', (forwarded, request) => {
    const given = request.headers['x-forwarded-for'];
    const chain = [given, request.socket.remoteAddress].flat().filter((address) => address !== undefined);
    forwarded.setHeader('x-forwarded-for', chain.join(', '));
  });
  proxy.on('error', (error: NodeJS.ErrnoException, _request, response) => {
    logger.warn({ app, error: error.code ?? error.name }, 'an app could not be reached');
    if (!(response instanceof ServerResponse) || response.headersSent) return void response?.destroy();
    writeProblem(response, new Problem('unavailable', `${app} cannot be reached.`, { retryAfter: 1 }));
  });
  return (request: IncomingMessage, response: ServerResponse) => void proxy.web(request, response);
}

/** Ready when every app is. */
async function readiness(upstreams: GatewaySettings['upstreams']): Promise<Page> {
  const apps = await Promise.all(
    Object.entries(upstreams).map(
      async ([app, origin]) => [app, (await isReady(origin)) ? 'ok' : 'unavailable'] as const,
    ),
  );
  const ready = apps.every(([, state]) => state === 'ok');
  return json(ready ? 200 : 503, { status: ready ? 'ok' : 'unavailable', apps: Object.fromEntries(apps) });
}

async function isReady(origin: string): Promise<boolean> {
  try {
    const answer = await fetch(new URL('/health/ready', origin), { signal: AbortSignal.timeout(READY_TIMEOUT_MS) });
    await answer.body?.cancel();
    return answer.ok;
  } catch {
    return false;
  }
}

const json = (status: number, value: unknown): Page => ({
  status,
  type: 'application/json; charset=utf-8',
  body: JSON.stringify(value),
});
