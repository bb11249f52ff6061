import type { Endpoint } from '#libs/contracts/src/http/endpoint.js';
import type { Origin } from '#libs/event-store/src/decision.js';
import { actorOf } from '#libs/platform/src/auth/caller.js';
import type { Input } from '#libs/platform/src/http/handle.js';

/** Sessions here are administrators', acting as such. */
export const originOf = ({ caller, correlationId }: Input<Endpoint>): Origin => ({
  actor: actorOf(caller, 'administrator'),
  correlationId,
});
