import { ProblemError, problemOf } from '../api/problem.js';

/** What the OpenID Provider says of a login that an application has asked for. */
export interface Interaction {
  readonly application: string;
  readonly loginHint?: string;
  /** Of the application, BCP 47 tags. */
  readonly locales?: string;
  /** What is missing still; null: nothing. */
  readonly needs:
    | null
    | { readonly kind: 'login' }
    | { readonly kind: 'proof'; readonly missing: readonly string[] }
    | { readonly kind: 'enrolment' };
}

/** The calls between the application's request and its answer, in the browser that was sent here. @throws ProblemError, TypeError */
export const interactionOf = (portal: string, uid: string) => {
  const path = `/p/${encodeURIComponent(portal)}/interaction/${encodeURIComponent(uid)}`;
  const call = async <Reply>(method: 'GET' | 'POST', what: string): Promise<Reply> => {
    const response = await fetch(`${path}/${what}`, {
      method,
      headers: { 'x-twinlock-console': '1' },
      credentials: 'same-origin',
      cache: 'no-store',
    });
    if (!response.ok) throw new ProblemError(problemOf(response.status, await response.json().catch(() => undefined)));
    return (await response.json()) as Reply;
  };
  return {
    details: () => call<Interaction>('GET', 'details'),
    /** Where the browser goes on. */
    complete: () => call<{ location: string }>('POST', 'complete'),
    cancel: () => call<{ location: string }>('POST', 'cancel'),
  };
};
