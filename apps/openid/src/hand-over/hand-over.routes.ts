import { Inject, Injectable } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { oneCode, withOneCode } from '#libs/contracts/src/primitives.js';
import { contextOf } from '#libs/platform/src/auth/guard.js';
import { fieldErrors, malformed } from '#libs/platform/src/auth/validation.js';
import { Cookies, handOverCookie } from '#libs/platform/src/http/cookies.js';
import type { CheckedRequest } from '#libs/platform/src/http/handle.js';
import { problemOf } from '#libs/platform/src/http/problem-filter.js';
import { sendProblem } from '#libs/platform/src/http/problem-reply.js';
import { type IsOurs, ownOrigins, refuseOtherOrigins } from '#libs/platform/src/http/same-origin.js';
import type { Config } from '#libs/platform/src/settings/config.js';
import { CONFIG } from '#libs/platform/src/tokens.js';
import { acceptedLanguage, failedPage, PAGE_POLICY, pageHeaders, usedLinkPage } from '../provider/pages.js';
import { RequestedProviders } from '../provider/requested-providers.js';
import { type AskedOfHandOver, HandOvers } from './hand-overs.js';

type Request = FastifyRequest & CheckedRequest;
type Ask = (asked: AskedOfHandOver, body: unknown, reply: FastifyReply) => Promise<unknown>;
const typed = withOneCode(z.strictObject(oneCode));

/** `/p/<portal>/hand-over/<uid>/…`: what the console's page asks where a gateway has handed a person over (R34). */
@Injectable()
export class HandOverRoutes {
  private readonly cookies: Cookies;
  private readonly isOurs: IsOurs;

  constructor(
    @Inject(CONFIG) config: Config,
    private readonly providers: RequestedProviders,
    private readonly handOvers: HandOvers,
  ) {
    this.cookies = new Cookies(config.publicUrl?.startsWith('https:') ?? false);
    this.isOurs = ownOrigins(config.host, config.publicUrl);
  }

  serve(fastify: FastifyInstance, portal: string): void {
    const path = `${portal}/hand-over/:uid`;
    fastify.get(
      `${path}/details`,
      this.asking((asked) => this.handOvers.describe(asked)),
    );
    fastify.post(
      `${path}/code`,
      this.asking(async (asked, body) => {
        const code = typed.safeParse(body);
        if (!code.success) throw malformed(code.error.issues.flatMap(fieldErrors));
        await this.handOvers.prove(asked, code.data);
        return {};
      }),
    );
    fastify.post(
      `${path}/complete`,
      this.ending((asked) => this.handOvers.complete(asked)),
    );
    fastify.post(
      `${path}/cancel`,
      this.ending((asked) => this.handOvers.cancel(asked)),
    );
  }

  /** In whichever browser opens the link first. */
  async open(request: FastifyRequest, reply: FastifyReply, clientId: string, requestUri: string): Promise<unknown> {
    try {
      const { portal, provider } = await this.providers.of(request);
      const context = contextOf(request as Request);
      const opened = await this.handOvers.open({ portal, provider, clientId, requestUri, context });
      void reply.headers({ ...pageHeaders, 'cache-control': 'no-store' });
      if ('location' in opened) return reply.redirect(opened.location, 303);
      const { uid, accessToken } = opened;
      // it ends with the browser, as that of a login does
      this.cookies.set(reply, `hand-over-${uid}`, accessToken);
      return reply.redirect(`/console/hand-over/${portal}/${uid}`, 303);
    } catch (error) {
      const { code, status } = problemOf(error);
      const language = acceptedLanguage(request.headers['accept-language']);
      const isOver = code === 'not-found';
      return reply
        .code(isOver ? 400 : status)
        .headers({ ...pageHeaders, 'content-security-policy': PAGE_POLICY, 'cache-control': 'no-store' })
        .type('text/html; charset=utf-8')
        .send(isOver ? usedLinkPage(language) : failedPage(language, `<code>${code}</code>`));
    }
  }

  private asking(ask: Ask) {
    return async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
      try {
        refuseOtherOrigins(request, this.isOurs);
        const { portal, provider } = await this.providers.of(request);
        const { uid } = request.params as { uid: string };
        const cookie = handOverCookie(uid);
        const token = cookie && this.cookies.read(request, cookie);
        const context = contextOf(request as Request);
        return await ask({ portal, provider, uid, token, context }, request.body, reply);
      } catch (error) {
        return sendProblem(reply, problemOf(error));
      }
    };
  }

  private ending(end: (asked: AskedOfHandOver) => Promise<string>) {
    return this.asking(async (asked, _, reply) => {
      const location = await end(asked);
      this.cookies.set(reply, `hand-over-${asked.uid}`, undefined);
      return { location };
    });
  }
}
