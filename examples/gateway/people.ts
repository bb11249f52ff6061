/* What a gateway has already: users, a check of their passwords, sessions. */
import { randomBytes, scryptSync, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseCookie, stringifySetCookie } from 'cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Base64; the hash is scrypt's, of 32 bytes. */
export type User = Record<'id' | 'username' | 'salt' | 'hash', string>;
/** With a challenge, a code is still to be entered. The challenge never leaves the gateway. */
export interface Session {
  readonly user: User;
  readonly challenge?: string;
}

const CODE_MS = 5 * 60_000;
const SESSION_MS = 12 * 3_600_000;
const nobody: User = { id: '', username: '', salt: '', hash: randomBytes(32).toString('base64') };
const sessions = new Map<string, Session>();

export const users = JSON.parse(readFileSync(process.env.USERS ?? 'examples/gateway/users.json', 'utf8')) as User[];

/** Undefined: the username or the password is wrong, which takes the same time. */
export function userBy(username: string, password: string): User | undefined {
  const user = users.find((each) => each.username === username) ?? nobody;
  const hash = scryptSync(password, Buffer.from(user.salt, 'base64'), 32);
  return timingSafeEqual(hash, Buffer.from(user.hash, 'base64')) ? user : undefined;
}

export const sessionOf = (request: FastifyRequest): Session | undefined => sessions.get(cookieOf(request));

/** Ends the one that the browser has, if any. */
export function begin(request: FastifyRequest, reply: FastifyReply, session: Session): FastifyReply {
  sessions.delete(cookieOf(request));
  const value = randomBytes(32).toString('base64url');
  sessions.set(value, session);
  setTimeout(() => sessions.delete(value), session.challenge === undefined ? SESSION_MS : CODE_MS).unref();
  // over TLS it also has to be `secure`
  const cookie = { name: 'session', value, path: '/', httpOnly: true, sameSite: 'strict' } as const;
  reply.header('set-cookie', stringifySetCookie(cookie));
  return reply.send({ status: session.challenge === undefined ? 'complete' : 'code-required' });
}

const cookieOf = ({ headers }: FastifyRequest): string => parseCookie(headers.cookie ?? '').session ?? '';
