import { pageCall } from '../api/page-call.js';

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
  return {
    details: () => pageCall<Interaction>('GET', `${path}/details`),
    /** Where the browser goes on. */
    complete: () => pageCall<{ location: string }>('POST', `${path}/complete`),
    cancel: () => pageCall<{ location: string }>('POST', `${path}/cancel`),
  };
};
