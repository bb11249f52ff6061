import type { IncomingMessage } from 'node:http';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { OPENID_PATHS } from '#libs/contracts/src/http/endpoint.js';
import { portalId } from '#libs/contracts/src/primitives.js';
import { Problem } from '#libs/contracts/src/problems.js';
import type { CheckedRequest } from '#libs/platform/src/http/handle.js';
import { problemOf } from '#libs/platform/src/http/problem-filter.js';
import { sendProblem, writeProblem } from '#libs/platform/src/http/problem-reply.js';
import { HandOverRoutes } from '../hand-over/hand-over.routes.js';
import { type Asked, Interactions } from '../interactions/interactions.js';
import { Clients } from './clients.js';
import { PageCalls } from './page-calls.js';
import { pageHeaders } from './pages.js';
import { postedTo } from './posted-requests.js';
import { RequestedProviders } from './requested-providers.js';

type Request = FastifyRequest & CheckedRequest;
type Act = (asked: Asked, reply: FastifyReply) => Promise<unknown>;
/**
 * As they are written, and with an id of the library's. It would mind neither case nor a slash at the end, and whatever stands
 * before it goes by the path.
 */
const endpoint = /^(?:\/auth\/[\w-]+|(?:\/[a-z._-]+)+)(?:\?|$)/;

/** `/p/<portal>/…`: its OpenID Provider, and what the console's page asks while a person logs in for it. */
@Injectable()
export class OpenidRoutes implements OnModuleInit {
  constructor(
    private readonly host: HttpAdapterHost<FastifyAdapter>,
    private readonly providers: RequestedProviders,
    private readonly interactions: Interactions,
    private readonly clients: Clients,
    private readonly handOvers: HandOverRoutes,
    private readonly pages: PageCalls,
  ) {}

  onModuleInit(): void {
    const fastify = this.host.httpAdapter.getInstance<FastifyInstance>();
    const portal = `${OPENID_PATHS}:portal`;
    fastify.route({
      method: ['GET', 'POST', 'OPTIONS'],
      url: `${portal}/*`,
      // before a body is read: the library reads it
      onRequest: async (request, reply) => {
        reply.hijack();
        await this.provide(request as Request, reply);
      },
      handler: () => undefined,
    });
    this.handOvers.serve(fastify, portal);
    // of a gateway that hands people over, every request is one of these (R34)
    // whoever looks ahead (HEAD) opens nothing
    fastify.get(`${portal}/auth`, { exposeHeadRoute: false }, async (request, reply) => {
      const { client_id: clientId, request_uri: requestUri } = request.query as Record<string, unknown>;
      try {
        const isPushed = typeof clientId === 'string' && typeof requestUri === 'string';
        if (isPushed && (await this.vouches(request, clientId)))
          return await this.handOvers.open(request, reply, clientId, requestUri);
      } catch (error) {
        return sendProblem(reply, problemOf(error));
      }
      reply.hijack();
      return this.provide(request as Request, reply);
    });
    const interaction = `${portal}/interaction/:uid`;
    const page: Act = async ({ portal: id, uid }, reply) =>
      reply.redirect(`/console/authorize/${id}/${encodeURIComponent(uid)}`, 303);
    fastify.get(interaction, this.interacting(page));
    fastify.get(
      `${interaction}/details`,
      this.interacting((asked) => this.interactions.describe(asked)),
    );
    fastify.post(
      `${interaction}/complete`,
      this.interacting(async (asked) => ({ location: await this.interactions.complete(asked) })),
    );
    fastify.post(
      `${interaction}/cancel`,
      this.interacting(async (asked) => ({ location: await this.interactions.cancel(asked) })),
    );
  }

  private async provide(request: Request, reply: FastifyReply): Promise<void> {
    try {
      const { provider, handle, path } = await this.providers.of(request);
      if (!endpoint.test(path)) throw new Problem('not-found');
      const raw = request.raw as IncomingMessage & { originalUrl?: string };
      const posted = await postedTo(raw, path);
      if (posted !== undefined) {
        const location = `${provider.issuer}${posted}`;
        return void reply.raw.writeHead(303, { ...pageHeaders, location, 'cache-control': 'no-store' }).end();
      }
      raw.originalUrl = raw.url!;
      raw.url = path;
      addressAs(raw, new URL(provider.issuer), request.address);
      for (const [name, value] of Object.entries(pageHeaders)) reply.raw.setHeader(name, value);
      await handle(raw, reply.raw);
    } catch (error) {
      if (reply.raw.headersSent) reply.raw.destroy();
      else writeProblem(reply.raw, problemOf(error));
    }
  }

  private async vouches(request: FastifyRequest, clientId: string): Promise<boolean> {
    const { portal } = request.params as { portal: string };
    return portalId.safeParse(portal).success && this.clients.vouches(portal, clientId);
  }

  private interacting(act: Act) {
    return this.pages.handler(({ request, reply, ...asked }) => {
      const token = this.pages.cookies.read(request, 'session');
      return act({ ...asked, request: request.raw, response: reply.raw, token }, reply);
    });
  }
}

/** The library makes its URLs of these: whatever the request or a proxy says, it is the origin of the issuer. And who calls. */
function addressAs({ headers }: IncomingMessage, issuer: URL, client: string): void {
  headers['x-forwarded-for'] = client;
  headers['x-forwarded-proto'] = issuer.protocol.slice(0, -1);
  headers['x-forwarded-host'] = issuer.host;
  headers.host = issuer.host;
}
