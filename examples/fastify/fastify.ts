/** A second factor for a Fastify application that has users and sessions: see libs/client/README.md. */
import cookie from '@fastify/cookie';
import session from '@fastify/session';
import { Twinlock } from '@twinlock/client';
import { newGateway } from '@twinlock/client/gateway';
import { newTwoFactor } from '@twinlock/client/gateway/fastify';
import fastify, { type FastifyRequest } from 'fastify';
import { userBy } from '../gateway/people.js';

declare module 'fastify' {
  interface Session {
    userId?: string;
  }
}
type Body = { Body: Record<'username' | 'password' | 'code', string> };
const { TWINLOCK_URL = 'http://127.0.0.1:3000', SERVICE_TOKEN = '', PORTAL = '', SESSION_SECRET = '' } = process.env;
const texts = { type: 'object', additionalProperties: { type: 'string', maxLength: 256 } };
const schema = (...required: string[]) => ({ schema: { body: { ...texts, required } } });

const twinlock = new Twinlock({ url: TWINLOCK_URL, token: SERVICE_TOKEN });
const twoFactor = newTwoFactor<FastifyRequest>({
  gateway: newGateway({ twinlock, portal: PORTAL }),
  accountOf: ({ session: { userId } }) => (userId === undefined ? undefined : { externalId: userId }),
});
const app = fastify();
await app.register(cookie);
await app.register(session, { secret: SESSION_SECRET, cookie: { secure: false, sameSite: 'strict' } });
app.post<Body>('/login', schema('username', 'password'), async (request, reply) => {
  const user = userBy(request.body.username, request.body.password);
  if (!user) return reply.code(401).send({ outcome: 'refused' });
  request.session.userId = user.id;
  return twoFactor.begin(request, { externalId: user.id });
});
app.post<Body>('/login/code', schema('code'), async (request) => twoFactor.verify(request, request.body.code));
app.get('/', { preHandler: twoFactor.guard }, async ({ session: { userId } }) => ({ userId }));
console.log(await app.listen({ port: Number(process.env.PORT ?? 3100), host: '127.0.0.1' }));
