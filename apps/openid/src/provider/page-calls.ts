import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Provider } from 'oidc-provider';
import type { Context } from '#libs/contracts/src/context.js';
import { contextOf } from '#libs/platform/src/auth/guard.js';
import { Cookies } from '#libs/platform/src/http/cookies.js';
import type { CheckedRequest } from '#libs/platform/src/http/handle.js';
import { problemOf } from '#libs/platform/src/http/problem-filter.js';
import { sendProblem } from '#libs/platform/src/http/problem-reply.js';
import { type IsOurs, ownOrigins, refuseOtherOrigins } from '#libs/platform/src/http/same-origin.js';
import type { Config } from '#libs/platform/src/settings/config.js';
import { CONFIG } from '#libs/platform/src/tokens.js';
import { RequestedProviders } from './requested-providers.js';

/** Of what the path names: a login or a hand-over of a portal. */
export interface PageCall {
  readonly portal: string;
  readonly provider: Provider;
  readonly uid: string;
  readonly context: Context;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** Calls of the console's pages that this app serves, `/p/<portal>/…/<uid>/…`: by cookie, and by no other site's page. */
@Injectable()
export class PageCalls {
  readonly cookies: Cookies;
  private readonly isOurs: IsOurs;

  constructor(
    @Inject(CONFIG) config: Config,
    private readonly providers: RequestedProviders,
  ) {
    this.cookies = new Cookies(config.publicUrl?.startsWith('https:') ?? false);
    this.isOurs = ownOrigins(config.host, config.publicUrl);
  }

  handler(act: (call: PageCall) => unknown) {
    return async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
      try {
        refuseOtherOrigins(request, this.isOurs);
        const { portal, provider } = await this.providers.of(request);
        const { uid } = request.params as { uid: string };
        const context = contextOf(request as FastifyRequest & CheckedRequest);
        return await act({ portal, provider, uid, context, request, reply });
      } catch (error) {
        return sendProblem(reply, problemOf(error));
      }
    };
  }
}
