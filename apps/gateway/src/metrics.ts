import type { RequestListener } from 'node:http';
import { Counter, Gauge } from 'prom-client';
import type { RouteTable } from '#libs/platform/src/http/routes.js';
import { HttpMetrics } from '#libs/platform/src/observing/metrics.js';

/** What the gateway counts. */
export class GatewayMetrics extends HttpMetrics {
  /** Requests that an instance of an app did not take. */
  readonly unreached = new Counter({
    name: 'twinlock_gateway_unreached_total',
    help: 'Number of times an instance of an app could not be reached.',
    labelNames: ['app'] as const,
    registers: this.registers,
  });
  /** Set at each scrape. */
  readonly instances = new Gauge({
    name: 'twinlock_gateway_instances',
    help: 'Instances of an app known to the gateway, by readiness.',
    labelNames: ['app', 'ready'] as const,
    registers: this.registers,
  });

  /** A listener whose answers are counted, by the routes of the contracts. */
  counted(routes: RouteTable<string>, listener: RequestListener): RequestListener {
    return (request, response) => {
      const began = performance.now();
      const { method = '', url = '' } = request;
      const route = routes.find(method, url) ?? 'unknown';
      response.once('close', () => {
        // as nginx counts a caller who did not wait for the answer
        const status = response.headersSent ? response.statusCode : 499;
        this.requestTook(method, route, status, (performance.now() - began) / 1_000);
      });
      listener(request, response);
    };
  }
}
