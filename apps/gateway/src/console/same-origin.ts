import type { FastifyRequest } from 'fastify';
import { Problem } from '#libs/contracts/src/problems.js';

const MARK = 'x-twinlock-console';

/**
 * Other sites cannot have the browser send this header without asking first, and nobody answers that they may. What the
 * browser says of where a request comes from is held against it too. Logins as well: nobody is logged in as another.
 * @throws Problem `forbidden`
 */
export function refuseOtherOrigins(request: FastifyRequest): void {
  if (request.method === 'GET') return;
  const { origin, 'sec-fetch-site': site, [MARK]: mark } = request.headers;
  const ours =
    mark === '1' && (site === undefined || site === 'same-origin') && (origin === undefined || isHost(origin, request));
  if (!ours) throw new Problem('forbidden', 'This call is for the page of the console alone.');
}

function isHost(origin: string, request: FastifyRequest): boolean {
  return URL.canParse(origin) && new URL(origin).host === request.host;
}
