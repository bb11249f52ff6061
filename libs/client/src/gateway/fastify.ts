import { notPassed, type RequestWithSession, TwoFactor, type TwoFactorOptions } from './session.js';

interface FastifyReplyLike {
  code(status: number): { send(body: object): unknown };
}

/** For Fastify with @fastify/session: `guard` is a `preHandler` or an `onRequest` hook that comes after the session's. */
export class FastifyTwoFactor<Request extends RequestWithSession = RequestWithSession> extends TwoFactor<Request> {
  readonly guard = async (request: Request, reply: FastifyReplyLike): Promise<unknown> =>
    this.hasPassed(request) ? undefined : reply.code(401).send(notPassed);
}

export const newTwoFactor = <Request extends RequestWithSession = RequestWithSession>(
  options: TwoFactorOptions<Request>,
): FastifyTwoFactor<Request> => new FastifyTwoFactor(options);
export type { BegunInSession, RequestWithSession, TwoFactorOptions } from './session.js';
