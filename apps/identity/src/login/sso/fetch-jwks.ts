import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import type { FetchImplementation } from 'jose';
import { isLoopback, isPublic } from '#libs/platform/src/http/public-address.js';
import { AddressRefused, checkedLookup } from './checked-lookup.js';

/** A key set is a few kilobytes. */
const MOST_BYTES = 256 * 1024;

/**
 * Fetches a portal's key set: https, public addresses, no redirects, so large and no larger. The address was typed by an
 * administrator of a portal, who must not reach what this server can reach.
 */
export function jwksFetch({ loopbackAllowed }: { readonly loopbackAllowed: boolean }): FetchImplementation {
  const allowed = (address: string) => isPublic(address) || (loopbackAllowed && isLoopback(address));

  return (text, { headers, signal }) => {
    const url = new URL(text);
    const secure = url.protocol === 'https:';
    const host = url.hostname.replace(/^\[|\]$/g, '');
    if (!secure && !(url.protocol === 'http:' && loopbackAllowed))
      throw new AddressRefused('the key set is not at https');
    if (isIP(host) !== 0 && !allowed(host)) throw new AddressRefused('the address is not allowed');

    return new Promise((resolve, reject) => {
      const options = {
        headers: { ...Object.fromEntries(headers), accept: 'application/json' },
        lookup: checkedLookup(allowed),
        signal,
        agent: false,
      };
      const request = (secure ? httpsRequest : httpRequest)(url, options, (response) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes > MOST_BYTES) response.destroy(new Error('the key set is too large'));
          else chunks.push(chunk);
        });
        response.on('error', reject);
        response.on('end', () => {
          const status = response.statusCode ?? 0;
          // a redirect arrives as what it is, and is no key set
          if (status === 200) resolve(new Response(Buffer.concat(chunks), { status }));
          else reject(new Error(`the key set was answered with ${status}`));
        });
      });
      request.on('error', reject);
      request.end();
    });
  };
}
