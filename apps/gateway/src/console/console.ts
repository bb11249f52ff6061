import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fastify as createFastify, type FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { Problem } from '#libs/contracts/src/problems.js';
import { BODY_LIMIT } from '#libs/platform/src/http/body.js';
import { answerFrameworkError, correlationIdOf } from '#libs/platform/src/http/fastify.js';
import type { Mount } from '#libs/platform/src/http/front.js';
import { problemOf } from '#libs/platform/src/http/problem-filter.js';
import { answerHeaders, sendProblem } from '#libs/platform/src/http/problem-reply.js';
import { MAX_PARAMETER } from '#libs/platform/src/http/routes.js';
import { API, servePageCalls } from './api.js';
import { serveOperatorLogin } from './operator-login.js';
import { readPageFiles } from './pages/page-files.js';
import { servePages } from './pages/pages.js';
import { secure } from './security-headers.js';

export interface ConsoleOptions {
  readonly logger: Logger;
  /** CIDRs whose `X-Forwarded-Proto` and `X-Forwarded-Host` are believed. */
  readonly trustProxy: readonly string[];
  /** The built page. */
  readonly folder?: string;
}

/** Where the build leaves it, whatever file this stands in then. */
const builtFolder = () => dirname(fileURLToPath(import.meta.resolve('#console/index.html')));

/** The web console: its page, and the calls of its page, by cookie. Its tokens and challenges never reach the page. */
export const consoleOf = ({ logger, trustProxy, folder = builtFolder() }: ConsoleOptions): Mount => {
  const files = readPageFiles(folder);
  return async (calls) => {
    const fastify = createServer(trustProxy, logger);
    await fastify.register(async (api) => {
      servePageCalls(api, calls);
      serveOperatorLogin(api, calls);
      api.all(`${API}/*`, async () => {
        throw new Problem('not-found');
      });
    });
    await fastify.register(async (pages) => servePages(pages, files));
    await fastify.ready();
    return {
      serves: (path) => path === '/' || path === '/console' || path.startsWith('/console/'),
      handle: (request, response) => fastify.routing(request, response),
    };
  };
};

function createServer(trustProxy: readonly string[], logger: Logger): FastifyInstance {
  const fastify = createFastify({
    bodyLimit: BODY_LIMIT,
    trustProxy: trustProxy.length > 0 ? [...trustProxy] : false,
    exposeHeadRoutes: false,
    genReqId: correlationIdOf,
    routerOptions: { maxParamLength: MAX_PARAMETER },
    frameworkErrors: answerFrameworkError,
  });
  fastify.setErrorHandler((error, request, reply) => {
    const problem = problemOf(error);
    if (problem.code === 'internal-error') {
      logger.error({ err: error, correlationId: request.id }, 'a request of the console failed');
    }
    sendProblem(reply, problem);
  });
  fastify.setNotFoundHandler((_, reply) => sendProblem(reply, new Problem('not-found')));
  fastify.addHook('onRequest', (request, reply, done) => {
    reply.headers(answerHeaders);
    secure(request.raw, reply.raw, () => done());
  });
  return fastify;
}
