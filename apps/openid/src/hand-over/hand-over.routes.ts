import { Injectable } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { oneCode, withOneCode } from '#libs/contracts/src/primitives.js';
import { contextOf } from '#libs/platform/src/auth/guard.js';
import { fieldErrors, malformed } from '#libs/platform/src/auth/validation.js';
import { handOverCookie } from '#libs/platform/src/http/cookies.js';
import type { CheckedRequest } from '#libs/platform/src/http/handle.js';
import { problemOf } from '#libs/platform/src/http/problem-filter.js';
import { PageCalls } from '../provider/page-calls.js';
import { acceptedLanguage, failedPage, PAGE_POLICY, pageHeaders, usedLinkPage } from '../provider/pages.js';
import { RequestedProviders } from '../provider/requested-providers.js';
import { type AskedOfHandOver, HandOvers } from './hand-overs.js';

type Request = FastifyRequest & CheckedRequest;
type Ask = (asked: AskedOfHandOver, body: unknown, reply: FastifyReply) => Promise<unknown>;
const typed = withOneCode(z.strictObject(oneCode));

/** `/p/<portal>/hand-over/<uid>/…`: what the console's page asks where a gateway has handed a person over (R34). */
@Injectable()
export class HandOverRoutes {
  constructor(
    private readonly providers: RequestedProviders,
    private readonly handOvers: HandOvers,
    private readonly pages: PageCalls,
  ) {}

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
      this.pages.cookies.set(reply, `hand-over-${uid}`, accessToken);
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
    return this.pages.handler(({ request, reply, ...asked }) => {
      const cookie = handOverCookie(asked.uid);
      const token = cookie && this.pages.cookies.read(request, cookie);
      return ask({ ...asked, token }, request.body, reply);
    });
  }

  private ending(end: (asked: AskedOfHandOver) => Promise<string>) {
    return this.asking(async (asked, _, reply) => {
      const location = await end(asked);
      this.pages.cookies.set(reply, `hand-over-${asked.uid}`, undefined);
      return { location };
    });
  }
}
