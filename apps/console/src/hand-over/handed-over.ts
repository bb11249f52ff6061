import { pageCall } from '../api/page-call.js';
import type { TypedCode } from '../parts/fields/use-form.js';

/** What is said of a person whom a gateway has handed over (R34). */
export interface HandedOver {
  /** Of the gateway. */
  readonly application: string;
  readonly purpose: 'pass' | 'manage';
  /** Of the gateway, BCP 47 tags. */
  readonly locales?: string;
  readonly username?: string;
  readonly needs?: 'code' | 'enrolment' | 'hand-over' | null;
  /** Until when 2FA must be set up, ISO 8601. */
  readonly graceEndsAt?: string;
  /** Nothing more can be done here. */
  readonly ended?: 'account-locked' | 'account-suspended' | 'over';
}

/** The calls between the gateway's link and its answer, in the browser that opened it. @throws ProblemError, TypeError */
export const handOverOf = (portal: string, uid: string) => {
  const path = `/p/${encodeURIComponent(portal)}/hand-over/${encodeURIComponent(uid)}`;
  return {
    details: () => pageCall<HandedOver>('GET', `${path}/details`),
    prove: (code: TypedCode) => pageCall<object>('POST', `${path}/code`, code),
    /** Where the browser goes on. */
    complete: () => pageCall<{ location: string }>('POST', `${path}/complete`),
    cancel: () => pageCall<{ location: string }>('POST', `${path}/cancel`),
  };
};
