import type { FastifyRequest } from 'fastify';
import type { Client } from '#libs/contracts/src/context.js';
import { MAX_USER_AGENT } from '#libs/contracts/src/limits.js';
import type { CheckedRequest } from './handle.js';

/** Where the request came from, as far as the connection and its headers tell. */
export function clientOf({
  address,
  headers,
}: Pick<FastifyRequest, 'headers'> & Pick<CheckedRequest, 'address'>): Client {
  const userAgent = headers['user-agent']?.slice(0, MAX_USER_AGENT);
  if (address === 'gone') return userAgent ? { userAgent } : {};
  return userAgent ? { address, userAgent } : { address };
}
