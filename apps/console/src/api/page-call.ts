import { ProblemError, problemOf } from './problem.js';

/** A call that the OpenID Provider has for its pages. @throws ProblemError, TypeError */
export async function pageCall<Reply>(method: 'GET' | 'POST', path: string, body?: object): Promise<Reply> {
  const response = await fetch(path, {
    method,
    headers: { 'x-twinlock-console': '1', ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
    credentials: 'same-origin',
    cache: 'no-store',
  });
  if (!response.ok) throw new ProblemError(problemOf(response.status, await response.json().catch(() => undefined)));
  return (await response.json()) as Reply;
}
