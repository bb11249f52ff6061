import type { Actor } from '#libs/contracts/src/events/event.js';
import type { Session } from '#libs/contracts/src/messages/requests.js';
import type { ServiceScope } from '#libs/contracts/src/primitives.js';

/** Who makes an HTTP call, proved by the bearer token. */
export type Caller =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'operator' }
  | { readonly kind: 'session'; readonly session: Session; readonly tokenHash: string }
  | {
      readonly kind: 'service';
      readonly tokenId: string;
      readonly portal: string;
      readonly scopes: readonly ServiceScope[];
    };

export type CallerOf<Kind extends Caller['kind']> = Extract<Caller, { kind: Kind }>;

/** The bearer of a session, in a call that only sessions are allowed to make. */
export function sessionCallerOf(caller: Caller): CallerOf<'session'> {
  if (caller.kind !== 'session') throw new TypeError(`a ${caller.kind} caller got past the guard of a session's call`);
  return caller;
}

export const sessionOf = (caller: Caller): Session => sessionCallerOf(caller).session;

/** The service token behind a call that only services are allowed to make. */
export function serviceOf(caller: Caller): CallerOf<'service'> {
  if (caller.kind !== 'service') throw new TypeError(`a ${caller.kind} caller got past the guard of a service's call`);
  return caller;
}

/** How the caller stands in events. */
export function actorOf(caller: Caller, as: 'user' | 'administrator'): Actor {
  switch (caller.kind) {
    case 'anonymous':
      return { kind: 'anonymous' };
    case 'operator':
      return { kind: 'operator' };
    case 'session':
      return { kind: as, id: caller.session.accountId };
    case 'service':
      return { kind: 'service', id: caller.tokenId };
  }
}
