import { type Context, systemContext } from '#libs/contracts/src/context.js';
import { identityRequests } from '#libs/contracts/src/messages/requests.js';
import { Problem } from '#libs/contracts/src/problems.js';
import type { Requests } from '#libs/messaging/src/requests.js';
import { ExpectedSecret, tokenHash } from '#libs/secrets/src/tokens.js';
import type { Caller } from './caller.js';
import type { ServiceTokens } from './service-tokens.js';

const bearer = /^Bearer +([\x21-\x7e]+) *$/i;
const madeHere = /^(ses|svc)_[A-Za-z0-9_-]{43}$/;
const anonymous: Caller = { kind: 'anonymous' };
const operator: Caller = { kind: 'operator' };

/** Finds out who calls by the `Authorization` header. A bad token is nobody's; only an ended session is told so. */
export class Authenticator {
  private readonly operatorToken: ExpectedSecret | undefined;

  constructor(
    operatorToken: string | undefined,
    private readonly requests: Requests,
    private readonly serviceTokens: ServiceTokens,
  ) {
    this.operatorToken = operatorToken === undefined ? undefined : new ExpectedSecret(operatorToken);
  }

  /** @throws Problem `session-ended`, or `unavailable` when the app that knows does not answer */
  async authenticate(header: string | undefined, context = systemContext()): Promise<Caller> {
    const token = header === undefined ? undefined : bearer.exec(header)?.[1];
    if (token === undefined) return anonymous;
    switch (madeHere.exec(token)?.[1]) {
      case 'ses':
        return this.sessionCaller(token, context);
      case 'svc':
        return (await this.serviceTokens.find(tokenHash(token), context)) ?? anonymous;
      default:
        return this.operatorToken?.is(token) ? operator : anonymous;
    }
  }

  /** For the handler of `ServiceTokenRevoked`: from here on this process refuses the token. */
  forget(serviceTokenId: string): void {
    this.serviceTokens.revoke(serviceTokenId);
  }

  private async sessionCaller(token: string, context: Context): Promise<Caller> {
    const hash = tokenHash(token);
    const reply = await this.requests.send(identityRequests.introspectSession, { tokenHash: hash }, context);
    switch (reply.status) {
      case 'active':
        return { kind: 'session', session: reply.session, tokenHash: hash };
      case 'ended':
        throw new Problem('session-ended');
      case 'unknown':
        return anonymous;
    }
  }
}
