import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fastify as createFastify, type FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { Problem } from '#libs/contracts/src/problems.js';
import { BODY_LIMIT } from '#libs/platform/src/http/body.js';
import { answerFrameworkError, correlationIdOf } from '#libs/platform/src/http/fastify.js';
import { type Mount, pageMethods } from '#libs/platform/src/http/front.js';
import { problemOf } from '#libs/platform/src/http/problem-filter.js';
import { answerHeaders, notAllowed, sendProblem } from '#libs/platform/src/http/problem-reply.js';
import { MAX_PARAMETER, routeTable } from '#libs/platform/src/http/routes.js';
import { API, servePageCalls } from './api.js';
import { Cookies } from '#libs/platform/src/http/cookies.js';
import { OPERATOR, serveOperatorLogin } from './operator-login.js';
import { pageCalls } from './pages/page-calls.js';
import { readPageFiles } from './pages/page-files.js';
import { servePages } from './pages/pages.js';
import { ownOrigins, refuseOtherOrigins } from '#libs/platform/src/http/same-origin.js';
import { secure } from './security-headers.js';

export interface ConsoleOptions {
  readonly logger: Logger;
  /** Where the server listens. */
  readonly host: string;
  /** The origin that browsers use; the own addresses unless set. */
  readonly publicUrl?: string | undefined;
  /** The built page. */
  readonly folder?: string;
}

/** Where the build leaves it, whatever file this stands in then. */
const builtFolder = () => dirname(fileURLToPath(import.meta.resolve('#console/index.html')));

/** The web console: its page, and the calls of its page, by cookie. Its tokens and challenges never reach the page. */
export const consoleOf = ({ logger, host, publicUrl, folder = builtFolder() }: ConsoleOptions): Mount => {
  const files = readPageFiles(folder);
  const isOurs = ownOrigins(host, publicUrl);
  const cookies = new Cookies(publicUrl?.startsWith('https:') ?? false);
  return async (calls) => {
    const fastify = createServer(logger);
    await fastify.register(async (api) => {
      api.addHook('onRequest', async (request) => refuseOtherOrigins(request, isOurs));
      servePageCalls(api, calls, cookies);
      serveOperatorLogin(api, calls, cookies);
      api.all(`${API}/*`, async ({ url }) => {
        throw unknown(url);
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

const callsOfPage = routeTable(
  pageCalls.map(({ endpoint }) => endpoint),
  () => true,
);

/** What no route takes: another method of a path that there is, or none. */
function unknown(url: string): Problem {
  const isCall = url.startsWith(`${API}/`);
  const isOperator = url.split('?', 1)[0] === OPERATOR;
  const methods = isOperator ? ['POST', 'DELETE'] : isCall ? callsOfPage.methodsOf(url.slice(API.length)) : pageMethods;
  return methods.length > 0 ? notAllowed(methods) : new Problem('not-found');
}

function createServer(logger: Logger): FastifyInstance {
  const fastify = createFastify({
    bodyLimit: BODY_LIMIT,
    exposeHeadRoutes: true,
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
  fastify.setNotFoundHandler(({ url }, reply) => sendProblem(reply, unknown(url)));
  fastify.addHook('onRequest', (request, reply, done) => {
    reply.headers(answerHeaders);
    secure(request.raw, reply.raw, () => done());
  });
  return fastify;
}
