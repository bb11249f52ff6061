import type { Socket } from 'node:net';
import { isIPv6 } from 'node:net';
import type { FastifyRequest } from 'fastify';
import { Problem } from '#libs/contracts/src/problems.js';

const MARK = 'x-twinlock-console';

/** Whether a page of that origin is the console's. */
export type IsOurs = (origin: string, connection: Pick<Socket, 'localAddress' | 'localPort'>) => boolean;

/**
 * The origin that browsers use; unless it is known, the loopback names, HOST, and the address that was called, each with the
 * port. Never what a request says of its own host: a name that leads here is anybody's to make.
 */
export function ownOrigins(host: string, publicUrl: string | undefined): IsOurs {
  if (publicUrl !== undefined) return (origin) => origin === publicUrl;
  return (origin, { localAddress = '', localPort }) =>
    ['localhost', '127.0.0.1', '::1', host, localAddress].some((name) => {
      const url = `http://${isIPv6(name) ? `[${name}]` : name}:${localPort}`;
      return URL.canParse(url) && new URL(url).origin === origin;
    });
}

/**
 * Other sites cannot have the browser send this header without asking first, and nobody answers that they may. What the
 * browser says of where a request comes from is held against it too. Logins as well: nobody is logged in as another.
 * @throws Problem `forbidden`
 */
export function refuseOtherOrigins({ method, headers, raw }: FastifyRequest, isOurs: IsOurs): void {
  if (method === 'GET' || method === 'HEAD') return;
  const { origin, 'sec-fetch-site': site, [MARK]: mark } = headers;
  if (mark !== '1' || (site !== undefined && site !== 'same-origin')) {
    throw new Problem('forbidden', 'Only the page of the console can make this call.');
  }
  if (origin !== undefined && !(URL.canParse(origin) && isOurs(new URL(origin).origin, raw.socket))) {
    throw new Problem('forbidden', 'The console is served at another address; see the setting PUBLIC_URL.');
  }
}
