import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { type Context, traceparentFrom } from '#libs/contracts/src/context.js';
import { type Endpoint, needsProof } from '#libs/contracts/src/http/endpoint.js';
import { twoFactorRequests } from '#libs/contracts/src/messages/requests.js';
import { Problem } from '#libs/contracts/src/problems.js';
import { Requests } from '#libs/messaging/src/requests.js';
import { Authenticator } from './authenticator.js';
import { actorOf, type Caller } from './caller.js';
import { clientOf } from '../http/client.js';
import { type CheckedRequest, ENDPOINT } from '../http/handle.js';
import { type Access, accessOf, refusalOf } from './access.js';
import { NamedAccounts } from './named-accounts.js';
import { checkedInput } from './validation.js';

interface Plan {
  readonly endpoint: Endpoint;
  readonly access: Access;
}
const anonymous: Caller = { kind: 'anonymous' };
const nobody = actorOf(anonymous, 'user');

/**
 * In this order: who calls (401), is the path theirs (404), may they (403), is the request well formed (400), is the proof
 * of a session fresh where the call needs that (403, or 423 when the account is locked).
 */
@Injectable()
export class EndpointGuard implements CanActivate {
  private readonly plans = new Map<unknown, Plan>();
  private readonly accounts: NamedAccounts;

  constructor(
    private readonly authenticator: Authenticator,
    private readonly requests: Requests,
  ) {
    this.accounts = new NamedAccounts(requests);
  }

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const plan = this.planOf(context.getHandler());
    const request = context.getArgByIndex<FastifyRequest & CheckedRequest>(0);
    request.endpoint = plan.endpoint;
    if (!plan.access.public) return this.admit(request, plan);
    request.input = checkedInput(plan.endpoint, request, anonymous, contextOf(request));
    return true;
  }

  private async admit(request: FastifyRequest & CheckedRequest, { endpoint, access }: Plan): Promise<boolean> {
    const unproved = contextOf(request);
    const caller = await this.authenticator.authenticate(request.headers.authorization, unproved);
    const refusal = refusalOf(access, caller, (request.params as { portal?: string }).portal);
    if (refusal) throw new Problem(refusal);
    const context = contextFor(unproved, caller, access);
    request.input = checkedInput(endpoint, request, caller, context);
    if (caller.kind === 'service') refuseClosed(endpoint, request.input.body);
    await this.accounts.resolve(request.input);
    if (caller.kind === 'session' && needsProof(endpoint.proof, request.input.body)) {
      const { portal, accountId, sessionId, proof } = caller.session;
      await this.requests.send(twoFactorRequests.requireProof, { portal, accountId, sessionId, proof }, context);
    }
    return true;
  }

  private planOf(handler: object): Plan {
    const known = this.plans.get(handler);
    if (known) return known;
    const endpoint = Reflect.getMetadata(ENDPOINT, handler) as Endpoint | undefined;
    // without a contract nobody has said who may call
    if (!endpoint) throw new TypeError('an HTTP handler without an endpoint contract');
    const plan = { endpoint, access: accessOf(endpoint) };
    this.plans.set(handler, plan);
    return plan;
  }
}

/** What no service may do is said by the contract of the call (R33). @throws Problem `forbidden` */
function refuseClosed({ closedToServices = [] }: Endpoint, body: unknown): void {
  const closed = closedToServices.find((name) => (body as Record<string, unknown>)[name] !== undefined);
  if (closed !== undefined) throw new Problem('forbidden', `Service tokens cannot set \`${closed}\`.`);
}

/** In which request, by nobody yet. The trace is that of the span where one was made of the request, else the caller's. */
/** Of a request whose caller is not proved. */
export function contextOf(request: FastifyRequest & CheckedRequest): Context {
  const traceparent = traceparentFrom(request.headers.traceparent);
  const client = clientOf(request);
  const { id: correlationId } = request;
  return traceparent === undefined
    ? { actor: nobody, correlationId, entrance: 'http', client }
    : { actor: nobody, correlationId, entrance: 'http', traceparent, client };
}

/** A session is a user's, but an administrator's in a call that only administrators may make. */
function contextFor(unproved: Context, caller: Caller, access: Access): Context {
  const actor = actorOf(caller, access.session ? 'user' : 'administrator');
  return caller.kind === 'session'
    ? { sessionId: caller.session.sessionId, ...unproved, actor }
    : { ...unproved, actor };
}
