import type { IncomingMessage } from 'node:http';
import { Problem } from '#libs/contracts/src/problems.js';

/** What may be posted as well (OpenID Connect Core 1.0 §3.1.2.1, RP-Initiated Logout 1.0 §2). */
const endpoints: ReadonlySet<string> = new Set(['/auth', '/session/end']);
const FORM_TYPE = /^application\/x-www-form-urlencoded *(;|$)/i;
/** It becomes the line of a request, which proxies bound. */
const MOST_BYTES = 8_192;

/**
 * Where a request that was posted by another site's page goes on as a GET: the library takes it as that alone, and cookies of
 * this site come with it as with any other login. Undefined: it is not one. `path`: without what stands before the endpoint.
 * @throws Problem `body-too-large`
 */
export async function postedTo(request: IncomingMessage, path: string): Promise<string | undefined> {
  const endpoint = path.split('?', 1)[0]!;
  const { method, headers } = request;
  if (method !== 'POST' || !endpoints.has(endpoint) || !FORM_TYPE.test(headers['content-type'] ?? '')) return undefined;
  const chunks: Buffer[] = [];
  let length = 0;
  // what is left of one that is too large stays unread, and the connection open for the answer
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MOST_BYTES) throw new Problem('body-too-large');
    chunks.push(chunk);
  }
  const parameters = new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
  // of another endpoint, sent here by mistake: a line of a request is no place for it
  for (const secret of ['client_secret', 'client_assertion', 'client_assertion_type']) parameters.delete(secret);
  return `${endpoint}?${parameters.toString()}`;
}
