import type { RequestListener } from 'node:http';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { AppName, Endpoint } from '#libs/contracts/src/http/endpoint.js';
import { endpoints } from '#libs/contracts/src/http/endpoints.js';
import { Problem } from '#libs/contracts/src/problems.js';
import { asyncApiDocument } from '#libs/messaging/src/asyncapi/document.js';
import type { Config } from '../settings/config.js';
import { measureLag, readinessOf } from '../observing/health.js';
import { type Front, type Mount, openFront, type Page } from '../http/front.js';
import { writeProblem } from '../http/problem-reply.js';
import type { Metrics } from '../observing/metrics.js';
import { openApiDocument } from '../openapi/document.js';

export interface Serving {
  readonly apps: ReadonlyMap<AppName, NestFastifyApplication>;
  /** Those that `apps` holds sooner or later; what is asked of one before is answered 503. Those that it holds now unless told. */
  readonly expected?: readonly AppName[];
  readonly config: Config;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Those of the product unless told. */
  readonly contracts?: readonly Endpoint[];
  readonly mount?: Mount | undefined;
}

const JSON_TYPE = 'application/json; charset=utf-8';
const json = (status: number, value: unknown): Page => ({ status, type: JSON_TYPE, body: JSON.stringify(value) });

/** Opens the port for these apps, with their OpenAPI document, health and metrics beside. */
export function serve(serving: Serving): Promise<Front> {
  const { apps, config, logger, metrics, mount, contracts = endpoints, expected = [...apps.keys()] } = serving;
  const served = contracts.filter(({ app }) => expected.includes(app));
  const handlers = new Map(expected.map((name) => [name, handlerOf(name, apps)]));
  const openApi = json(200, openApiDocument(served));
  const asyncApi = json(200, asyncApiDocument(expected));

  return openFront({
    host: config.host,
    port: config.port,
    endpoints: served,
    handlers,
    logger,
    ...(mount && { mount }),
    pages: {
      '/openapi.json': () => openApi,
      '/asyncapi.json': () => asyncApi,
      '/health/live': () => json(200, { status: 'ok' }),
      '/health/ready': async () => {
        const readiness = await readinessOf(expected, apps, logger);
        return json(readiness.status === 'ok' ? 200 : 503, readiness);
      },
      '/metrics': async () => {
        measureLag(apps, metrics);
        return { status: 200, type: metrics.registry.contentType, body: await metrics.registry.metrics() };
      },
    },
  });
}

function handlerOf(name: AppName, apps: Serving['apps']): RequestListener {
  let fastify: FastifyInstance | undefined;
  return (request, response) => {
    fastify ??= apps.get(name)?.getHttpAdapter().getInstance();
    if (fastify) return void fastify.routing(request, response);
    request.resume();
    writeProblem(response, new Problem('unavailable', `${name} is starting.`, { retryAfter: 1 }));
  };
}
