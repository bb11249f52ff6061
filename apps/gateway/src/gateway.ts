import type { RequestListener } from 'node:http';
import type { Logger } from 'pino';
import { appNames, type ServingApp } from '#libs/contracts/src/http/endpoint.js';
import { endpoints } from '#libs/contracts/src/http/endpoints.js';
import { clientAddresses } from '#libs/platform/src/http/client-address.js';
import { type Front, openFront, type Page } from '#libs/platform/src/http/front.js';
import { asyncApiDocument } from '#libs/messaging/src/asyncapi/document.js';
import { routeTable } from '#libs/platform/src/http/routes.js';
import { openApiDocument } from '#libs/platform/src/openapi/document.js';
import { consoleOf } from './console/console.js';
import { forward } from './forward.js';
import { Instances } from './instances.js';
import { GatewayMetrics } from './metrics.js';
import type { GatewaySettings } from './settings.js';

/** One origin for the split apps: each call goes to an instance of the app that its contract names. */
export async function openGateway(
  { port, host, upstreams, trustProxy, publicUrl }: GatewaySettings,
  logger: Logger,
  mount = consoleOf({ logger, host, publicUrl }),
): Promise<Front> {
  const apps = new Map(
    Object.entries(upstreams).map(([app, origins]) => [app as ServingApp, new Instances(origins)] as const),
  );
  const closeApps = (): void => apps.forEach((instances) => instances.close());
  const addressOf = clientAddresses(trustProxy);
  const routes = routeTable(endpoints, ({ path }) => path);
  const metrics = new GatewayMetrics().withProcess(['gateway']);
  const handlers = new Map<ServingApp, RequestListener>(
    [...apps].map(([app, instances]) => {
      const onUnreached = () => metrics.unreached.inc({ app });
      const destination = { app, instances, addressOf, logger, onUnreached };
      return [app, metrics.counted(routes, (request, response) => void forward(destination, request, response))];
    }),
  );
  const openApi = json(200, openApiDocument(endpoints));
  const asyncApi = json(200, asyncApiDocument(appNames));
  try {
    const front = await openFront({
      host,
      port,
      endpoints,
      handlers,
      logger,
      mount,
      pages: {
        '/openapi.json': () => openApi,
        '/asyncapi.json': () => asyncApi,
        '/health/live': () => json(200, { status: 'ok' }),
        '/health/ready': () => readiness(apps),
        '/metrics': () => measured(metrics, apps),
      },
    });
    return {
      url: front.url,
      close: async (patienceMs) => {
        await front.close(patienceMs);
        closeApps();
      },
    };
  } catch (error) {
    closeApps();
    throw error;
  }
}

/** Ready when every app has an instance that is. */
async function readiness(apps: ReadonlyMap<ServingApp, Instances>): Promise<Page> {
  const states = await Promise.all(
    [...apps].map(async ([app, instances]) => [app, (await instances.anyReady()) ? 'ok' : 'unavailable'] as const),
  );
  const ready = states.every(([, state]) => state === 'ok');
  return json(ready ? 200 : 503, { status: ready ? 'ok' : 'unavailable', apps: Object.fromEntries(states) });
}

async function measured(metrics: GatewayMetrics, apps: ReadonlyMap<ServingApp, Instances>): Promise<Page> {
  for (const [app, instances] of apps) {
    metrics.instances.set({ app, ready: 'yes' }, instances.ready);
    metrics.instances.set({ app, ready: 'no' }, instances.known - instances.ready);
  }
  const { contentType: type } = metrics.registry;
  return { status: 200, type, body: await metrics.registry.metrics() };
}

const json = (status: number, value: unknown): Page => ({
  status,
  type: 'application/json; charset=utf-8',
  body: JSON.stringify(value),
});
