import type { RequestListener } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { operatorTokenSetting } from '#libs/platform/src/settings/config.js';
import { unreadable } from '#libs/platform/src/http/problem-reply.js';
import { API, headersFor, sendAnswer } from './api.js';
import type { Cookies } from '#libs/platform/src/http/cookies.js';
import { exchange } from './exchange.js';

export const OPERATOR = `${API}/operator`;
const login = z.strictObject({ token: operatorTokenSetting.max(1024) });

/** The operator has no session: their token is tried on a call of theirs, and kept for an hour. */
export function serveOperatorLogin(fastify: FastifyInstance, calls: RequestListener, cookies: Cookies): void {
  fastify.post(OPERATOR, async (request, reply) => {
    const typed = login.safeParse(request.body);
    if (!typed.success) throw unreadable('must be the operator token', 'token');
    const { token } = typed.data;
    const answer = await exchange(calls, request.raw, {
      method: 'GET',
      url: '/v1/portals?limit=1',
      headers: headersFor(request, token),
      body: undefined,
    });
    if (answer.status !== 200) return sendAnswer(reply, answer);
    cookies.set(reply, 'operator', token);
    return reply.code(204).send();
  });
  fastify.delete(OPERATOR, async (_, reply) => {
    cookies.set(reply, 'operator', undefined);
    return reply.code(204).send();
  });
}
