import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import { isLoopback, isPublic } from '#libs/platform/src/http/public-address.js';
import { AddressRefused, checkedLookup } from './checked-lookup.js';

/** Key sets, what a provider says of itself, and its tokens are a few kilobytes. */
const MOST_BYTES = 256 * 1024;
/** From the question to the last byte of the answer. */
const ANSWERS_WITHIN_MS = 5_000;

/** Of `fetch` what the libraries ask for that speak to a provider. */
export interface Fetched {
  readonly method: string;
  readonly headers: Headers | Record<string, string>;
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
}
export type ProviderFetch = (url: string, options: Fetched) => Promise<Response>;

/**
 * Asks a portal's identity provider: https, public addresses, no redirects, no larger and no longer than an answer should be. The address was typed by
 * an administrator of a portal, or told by a provider, who must not reach what this server can reach.
 */
export function providerFetch({
  loopbackAllowed,
  withinMs = ANSWERS_WITHIN_MS,
}: {
  readonly loopbackAllowed: boolean;
  readonly withinMs?: number;
}): ProviderFetch {
  const allowed = (address: string) => isPublic(address) || (loopbackAllowed && isLoopback(address));

  return async (text, { method, headers, body, signal }) => {
    const url = new URL(text);
    const secure = url.protocol === 'https:';
    const host = url.hostname.replace(/^\[|\]$/g, '');
    if (!secure && !(url.protocol === 'http:' && loopbackAllowed)) throw new AddressRefused('it is not at https');
    if (isIP(host) !== 0 && !allowed(host)) throw new AddressRefused('the address is not allowed');
    const content = body instanceof URLSearchParams || typeof body === 'string' ? String(body) : undefined;

    return new Promise((resolve, reject) => {
      const options = {
        method,
        headers: { ...Object.fromEntries(new Headers(headers)), accept: 'application/json' },
        lookup: checkedLookup(allowed),
        ...(signal && { signal }),
        agent: false,
      };
      const request = (secure ? httpsRequest : httpRequest)(url, options, (response) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes > MOST_BYTES) response.destroy(new Error('the answer is too large'));
          else chunks.push(chunk);
        });
        response.on('error', reject);
        response.on('close', () => reject(new Error('the answer has no end')));
        response.on('end', () => {
          const { statusCode: status = 0, headers: answered } = response;
          const type = answered['content-type'];
          // a redirect is no answer
          if (status !== 200 && (status < 400 || status > 599)) reject(new Error(`it was answered with ${status}`));
          else resolve(new Response(Buffer.concat(chunks), { status, headers: type ? { 'content-type': type } : {} }));
        });
      });
      const timer = setTimeout(() => {
        reject(new Error('it took too long'));
        request.destroy();
      }, withinMs);
      request.on('close', () => clearTimeout(timer));
      request.on('error', reject);
      request.end(content);
    });
  };
}
