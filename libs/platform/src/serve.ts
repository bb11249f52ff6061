import type { RequestListener, ServerResponse } from 'node:http';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { AppName } from '#libs/contracts/src/http/endpoint.js';
import { endpoints } from '#libs/contracts/src/http/endpoints.js';
import type { Engine } from '#libs/engine/src/port.js';
import type { Config } from './config.js';
import { type Front, openFront } from './http/front.js';
import { answerHeaders } from './http/problem-reply.js';
import { describeError } from './logger.js';
import type { Metrics } from './metrics.js';
import { openApiDocument } from './openapi/document.js';

export interface Serving {
  readonly apps: ReadonlyMap<AppName, NestFastifyApplication>;
  readonly stores: ReadonlyMap<AppName, Engine>;
  readonly config: Config;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

const send = (response: ServerResponse, status: number, contentType: string, body: string): void => {
  response.writeHead(status, {
    ...answerHeaders,
    'content-type': contentType,
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
};
const JSON_TYPE = 'application/json; charset=utf-8';

/** Opens the port for these apps, with their OpenAPI document, health and metrics beside. */
export function serve({ apps, stores, config, logger, metrics }: Serving): Promise<Front> {
  const served = endpoints.filter(({ app }) => apps.has(app));
  const handlers = new Map<AppName, RequestListener>(
    [...apps].map(([name, app]) => {
      const fastify = app.getHttpAdapter().getInstance() as unknown as FastifyInstance;
      return [name, (request, response) => fastify.routing(request, response)];
    }),
  );
  const document = JSON.stringify(openApiDocument(served));

  return openFront({
    host: config.host,
    port: config.port,
    endpoints: served,
    handlers,
    pages: new Map<string, (response: ServerResponse) => Promise<void> | void>([
      ['/openapi.json', (response) => send(response, 200, JSON_TYPE, document)],
      ['/health/live', (response) => send(response, 200, JSON_TYPE, '{"status":"ok"}')],
      ['/health/ready', (response) => answerReady(response, stores, logger)],
      [
        '/metrics',
        async (response) => send(response, 200, metrics.registry.contentType, await metrics.registry.metrics()),
      ],
    ]),
  });
}

/** 200 with `status: "ok"`, or 503 with the apps whose store does not answer. */
async function answerReady(response: ServerResponse, stores: Serving['stores'], logger: Logger): Promise<void> {
  const checks = await Promise.all(
    [...stores].map(async ([name, engine]) => {
      try {
        await engine.check();
        return [name, 'ok'] as const;
      } catch (error) {
        logger.warn({ app: name, err: describeError(error) }, 'not ready');
        return [name, 'unavailable'] as const;
      }
    }),
  );
  const ready = checks.every(([, state]) => state === 'ok');
  send(
    response,
    ready ? 200 : 503,
    JSON_TYPE,
    JSON.stringify({ status: ready ? 'ok' : 'unavailable', apps: Object.fromEntries(checks) }),
  );
}
