import type { IncomingMessage } from 'node:http';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { Config } from '../settings/config.js';
import type { Metrics } from '../observing/metrics.js';
import { BODY_LIMIT, readJsonBodies, takeLongerBodies } from './body.js';
import { clientAddresses } from './client-address.js';
import type { CheckedRequest } from './handle.js';
import { MAX_PARAMETER } from './routes.js';
import { answerHeaders, REQUEST_ID, sendProblem, unreadable } from './problem-reply.js';
import { correlationIdFrom } from '#libs/contracts/src/context.js';
import { Problem } from '#libs/contracts/src/problems.js';

/** The front has named it, there and on the answer; a request that comes without one is named here. */
export const correlationIdOf = (request: Pick<IncomingMessage, 'headers'>): string =>
  correlationIdFrom(request.headers[REQUEST_ID]);

/** The Fastify of one app, without a port: the front hands it requests. */
export function createAdapter(config: Config, logger: Logger, metrics: Metrics): FastifyAdapter {
  const adapter = new FastifyAdapter({
    bodyLimit: BODY_LIMIT,
    exposeHeadRoutes: true,
    genReqId: (request: IncomingMessage) => correlationIdOf(request),
    routerOptions: { maxParamLength: MAX_PARAMETER },
    frameworkErrors: answerFrameworkError,
    // Nest middleware is not used, and its layer costs every request
    skipMiddie: true,
  });
  // What is logged of a request is of closed sets, ids and numbers: to look for secrets in it would take longer than to answer.
  const requests = logger.child({}, { redact: [] });
  const fastify = adapter.getInstance<FastifyInstance>();
  readJsonBodies(fastify);
  takeLongerBodies(fastify);
  fastify.setReplySerializer(serialized);
  const addressOf = clientAddresses(config.trustProxy);
  fastify.decorateRequest('address', '');
  fastify.decorateRequest('endpoint', null);
  fastify.decorateRequest('input', null);
  fastify.addHook('onRequest', (request, reply, done) => {
    // Whoever hangs up meanwhile has no address any more, and their attempt counts all the same.
    (request as FastifyRequest & CheckedRequest).address = addressOf(request.raw);
    reply.headers(answerHeaders);
    done();
  });
  if (config.test) fastify.addHook('preSerialization', refuseOffContract);
  fastify.addHook('onResponse', (request, reply, done) => {
    observe(request as FastifyRequest & CheckedRequest, reply, requests, metrics);
    done();
  });
  return adapter;
}

/** Node sends long texts faster as bytes: 200 kB in 0.6 ms instead of 1.0 ms. */
const LONG_TEXT = 16_384;

/** Fastify sends what a serializer makes, a text or bytes; its types say a text alone. */
function serialized(payload: unknown): string {
  const text = JSON.stringify(payload);
  return text.length < LONG_TEXT ? text : (Buffer.from(text) as unknown as string);
}

/** What is refused before a route is found. */
export function answerFrameworkError(error: { code?: string }, _request: FastifyRequest, reply: FastifyReply): void {
  void reply.headers(answerHeaders);
  const badUrl = error.code === 'FST_ERR_BAD_URL';
  sendProblem(reply, badUrl ? unreadable('The URL is malformed.', 'url') : new Problem('not-found'));
}

/** Under test an answer that is not what the contract says is a fault, even where no test looks at it. */
async function refuseOffContract(request: FastifyRequest, reply: FastifyReply, payload: unknown): Promise<unknown> {
  const { endpoint } = request as FastifyRequest & CheckedRequest;
  if (reply.statusCode !== endpoint?.status) return payload;
  const checked = endpoint.reply.safeParse(payload);
  if (checked.success) return payload;
  const fields = checked.error.issues.map(({ path, code }) => `${path.join('.')} (${code})`).join(', ');
  throw new TypeError(`the answer of ${endpoint.operationId} is not as its contract says: ${fields}`);
}

function observe(
  request: FastifyRequest & CheckedRequest,
  reply: FastifyReply,
  logger: Logger,
  metrics: Metrics,
): void {
  const route = request.endpoint?.path ?? request.routeOptions.url ?? 'unknown';
  const { method } = request;
  const status = reply.statusCode;
  const ms = reply.elapsedTime;
  metrics.requestTook(method, route, status, ms / 1000);
  // What people and their gateways get wrong is in the event log and the metrics, and would drown what an operator must see.
  const level = status >= 500 ? 'warn' : 'debug';
  if (logger.isLevelEnabled(level)) {
    logger[level]({ method, route, status, ms: Math.round(ms * 100) / 100, correlationId: request.id }, 'request');
  }
}
