import type { Endpoint } from '#libs/contracts/src/http/endpoint.js';
import { type HandOverPurpose, serviceScope, type ServiceScope } from '#libs/contracts/src/primitives.js';
import type { Caller } from './caller.js';

/** Who may make a call, as `Endpoint.allow` says it, in the form that is quick to ask. */
export interface Access {
  readonly public: boolean;
  readonly operator: boolean;
  readonly session: boolean;
  readonly administrator: boolean;
  /** A session that can only set up 2FA may make it (R37): what does not say so is refused to it. */
  readonly enrolling: boolean;
  /** What a session by hand-over must be for, at least, to make it; none is for null (R34). */
  readonly handOverFor: HandOverPurpose | null;
  readonly scopes: readonly ServiceScope[];
}

export const accessOf = ({
  allow,
  enrolling,
  handOverFor,
}: Pick<Endpoint, 'allow' | 'enrolling' | 'handOverFor'>): Access => ({
  public: allow.includes('public'),
  operator: allow.includes('operator'),
  session: allow.includes('session'),
  administrator: allow.includes('administrator'),
  enrolling: enrolling === true,
  handOverFor: handOverFor ?? null,
  scopes: serviceScope.options.filter((scope) => allow.includes(`service:${scope}`)),
});

/**
 * Why the caller may not make the call; null: they may. Another portal's path is as if it did not exist, whatever the
 * caller may do in their own.
 */
export function refusalOf(
  access: Access,
  caller: Caller,
  portalOfPath: string | undefined,
): 'unauthenticated' | 'not-found' | 'enrolment-required' | 'forbidden' | null {
  if (access.public) return null;
  switch (caller.kind) {
    case 'anonymous':
      return 'unauthenticated';
    case 'operator':
      return access.operator ? null : 'forbidden';
    case 'session':
      if (portalOfPath !== undefined && portalOfPath !== caller.session.portal) return 'not-found';
      if (caller.session.handOver) return isFor(caller.session.handOver, access) ? null : 'forbidden';
      if (caller.session.enrolmentRequired && !access.enrolling) return 'enrolment-required';
      return access.session || (access.administrator && caller.session.administrator) ? null : 'forbidden';
    case 'service':
      if (portalOfPath !== undefined && portalOfPath !== caller.portal) return 'not-found';
      return access.scopes.some((scope) => caller.scopes.includes(scope)) ? null : 'forbidden';
  }
}

/** Who may manage may also pass. */
const isFor = (purpose: HandOverPurpose, { handOverFor }: Access): boolean =>
  handOverFor === 'pass' || handOverFor === purpose;
