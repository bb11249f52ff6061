/** A gateway with users and passwords of its own, which has the second factor checked: see docs/integrate/gateway.md. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import fastify, { type FastifyReply } from 'fastify';
import { begin, sessionOf, userBy, users } from './people.js';

type Texts = Partial<Record<'code' | 'detail' | 'challenge', string>>;
type Answer = Texts & { required?: boolean; passed?: boolean; attemptsLeft?: number; results?: object[] };
type Body = { Body: Record<string, string> };
const { TWINLOCK_URL = 'http://127.0.0.1:3000', PORTAL = '', SERVICE_TOKEN = '', PORT = '3100' } = process.env;

/** Only a call that may be repeated is given more than one try; it waits in between as long as it is told. */
async function ask(path: string, body: object, id: string, tries = 1): Promise<Answer> {
  const headers = { authorization: `Bearer ${SERVICE_TOKEN}`, 'content-type': 'application/json', 'x-request-id': id };
  const sent = { method: 'POST', headers, body: JSON.stringify(body), signal: AbortSignal.timeout(15_000) };
  const response = await fetch(`${TWINLOCK_URL}/v1/${path}`, sent).catch(() => Response.json({}, { status: 503 }));
  if (response.status !== 503 || tries === 1) return (await response.json()) as Answer;
  await sleep(1_000 * Number(response.headers.get('retry-after') ?? 1));
  return ask(path, body, id, tries - 1);
}
const forPeople = /^(?:malformed-code|wrong-code|challenge-ended|account-(?:locked|suspended)|enrolment-required)$/;
/** Whatever is not an answer for people, such as 404, 429 or 503, lets nobody in. */
function refuse(reply: FastifyReply, { code = '', detail, attemptsLeft }: Answer): FastifyReply {
  if (forPeople.test(code)) return reply.code(401).send({ status: 'refused', code, detail, attemptsLeft });
  return reply.code(503).send({ status: 'unavailable', detail: 'Log in again, with the next code.' });
}
// Repeated at each start: it changes only what is new.
const accounts = users.map(({ id, username }) => ({ externalId: id, username, type: 'contributor' }));
const { results, code } = await ask(`portals/${PORTAL}/accounts/batch`, { accounts }, randomUUID(), 10);
if (!results) throw new Error(`the accounts cannot be registered: ${code}`);
console.log('accounts:', JSON.stringify(results));

const app = fastify({ genReqId: () => randomUUID() });
const text = { type: 'string', maxLength: 256 };
const texts = (...required: string[]) => ({ body: { type: 'object', required, additionalProperties: text } });
app.post<Body>('/login', { schema: texts('username', 'password') }, async (request, reply) => {
  const user = userBy(request.body.username!, request.body.password!);
  if (!user) return reply.code(401).send({ status: 'refused', detail: 'The username or the password is wrong.' });
  const userAgent = request.headers['user-agent']?.replaceAll(/\p{C}/gu, '').slice(0, 512);
  const body = { accountId: `external:${user.id}`, client: { address: request.ip, ...(userAgent && { userAgent }) } };
  const answer = await ask(`portals/${PORTAL}/challenges`, body, request.id, 3);
  if (answer.required === false) return begin(request, reply, { user });
  return answer.challenge ? begin(request, reply, { user, challenge: answer.challenge }) : refuse(reply, answer);
});
app.post<Body>('/login/code', { schema: texts('code') }, async (request, reply) => {
  const { user, challenge } = sessionOf(request) ?? {};
  if (!user || !challenge) return reply.code(401).send({ status: 'refused', detail: 'Log in first.' });
  const code = request.body.code!.replaceAll(/\s/g, '');
  const typed = code.length > 8 ? { backupCode: code } : { code };
  // once: a try whose answer got lost may have been counted, and its code used
  const answer = await ask('challenges/verify', { challenge, ...typed }, request.id);
  return answer.passed === true ? begin(request, reply, { user }) : refuse(reply, answer);
});
app.get('/', async (request, reply) => {
  const { user, challenge } = sessionOf(request) ?? {};
  return user && !challenge ? { username: user.username } : reply.code(401).send({ status: 'refused' });
});
console.log(await app.listen({ port: Number(PORT), host: '127.0.0.1' }));
