import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { decodeJwt } from 'jose';
import type { Provider } from 'oidc-provider';
import type { Context } from '#libs/contracts/src/context.js';
import { systemContext } from '#libs/contracts/src/context.js';
import { identityRequests } from '#libs/contracts/src/messages/requests.js';
import { Problem } from '#libs/contracts/src/problems.js';
import { Requests } from '#libs/messaging/src/requests.js';
import { isSameText, tokenHash } from '#libs/secrets/src/tokens.js';
import { ACR } from '../people/person-session.js';
import { Clients } from '../provider/clients.js';
import { type HandOverRequest, handOverOf } from './hand-over-request.js';
import { type HandOver, HandOverRecords } from './hand-over-records.js';

/** RFC 9126 §2.2, as the library writes it. */
const PUSHED = 'urn:ietf:params:oauth:request_uri:';

/** Why there is no code (api.md). */
export type Reason = 'account-locked' | 'account-suspended' | 'enrolment-required' | 'cancelled';

/** In the browser that a gateway has sent here. */
export interface Opening {
  readonly portal: string;
  readonly provider: Provider;
  readonly clientId: string;
  readonly requestUri: string;
  readonly context: Context;
}
/** The page of the console that goes on, with what its cookie holds; or where the gateway is told why it does not. */
export type Opened = { readonly uid: string; readonly accessToken: string } | { readonly location: string };

/** What the page asks, by its cookie. */
export interface AskedOfHandOver {
  readonly portal: string;
  readonly provider: Provider;
  readonly uid: string;
  readonly token: string | undefined;
  readonly context: Context;
}

/**
 * A gateway that has proved the first factor hands the person over (R34). It looks at no session that the browser has: what it
 * knows stands in the request that the gateway has pushed and signed, and in a session of identity's that can do nothing else,
 * in a cookie of its own, for as long as it takes.
 */
@Injectable()
export class HandOvers {
  constructor(
    private readonly requests: Requests,
    private readonly clients: Clients,
    private readonly records: HandOverRecords,
  ) {}

  /** A pushed request is opened once, by one browser. @throws Problem `not-found` there is none, or none any more */
  async open({ portal, provider, clientId, requestUri, context }: Opening): Promise<Opened> {
    const asked = await this.take(provider, clientId, requestUri);
    const { account, purpose, provedAt: at } = asked;
    const provedAt = new Date(at).toISOString();
    try {
      const person = { portal, account, clientId, purpose, provedAt };
      const { accessToken, ...session } = await this.requests.send(identityRequests.handOver, person, context);
      const uid = randomUUID();
      const { account: _, provedAt: __, ...kept } = asked;
      const handOver = { portal, ...session, ...kept, tokenHash: tokenHash(accessToken) };
      await this.records.add(uid, handOver);
      return { uid, accessToken };
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      const parameters = refusals[error.code];
      if (!parameters) throw error;
      return { location: answerOf(provider, asked, parameters) };
    }
  }

  /** For the page. @throws Problem `not-found` it is over, or another browser's */
  async describe(asked: AskedOfHandOver) {
    const handOver = await this.find(asked);
    const { portal, clientId, purpose, locales } = handOver;
    const client = await this.clients.of(portal, clientId);
    const application = String(client?.client_name ?? '');
    const described = await this.look(handOver, asked.context);
    const common = { application, purpose, ...(locales !== undefined && { locales }) };
    if (described.status === 'ended') return { ...common, ended: described.reason ?? 'over' };
    const { username, needs, graceEndsAt } = described;
    return { ...common, username, needs, ...(graceEndsAt !== undefined && { graceEndsAt }) };
  }

  /** @throws Problem of the attempt */
  async prove(asked: AskedOfHandOver, typed: { code?: string; backupCode?: string }): Promise<void> {
    const { portal, accountId, sessionId } = await this.find(asked);
    const payload = { portal, accountId, sessionId, ...typed };
    await this.requests.send(identityRequests.proveHandOver, payload, asked.context);
  }

  /** Where the browser goes on. @throws Problem `unauthenticated` something is missing still */
  async complete(asked: AskedOfHandOver): Promise<string> {
    const handOver = await this.find(asked);
    const described = await this.look(handOver, asked.context);
    if (described.status === 'ended') return this.refuse(asked, handOver, described.reason ?? 'cancelled');
    if (described.needs !== null) throw new Problem('unauthenticated', 'The second factor was not passed.');
    const { portal, accountId, sessionId } = handOver;
    // from here on the person can do nothing more with it; again it changes nothing
    await this.requests.send(identityRequests.answerHandOver, { portal, accountId, sessionId }, asked.context);
    const code = await this.codeFor(asked, handOver, described);
    await this.answerOnce(asked);
    return answerOf(asked.provider, handOver, { code });
  }

  /** The person does not want to, or cannot. */
  async cancel(asked: AskedOfHandOver): Promise<string> {
    const handOver = await this.find(asked);
    const described = await this.look(handOver, asked.context);
    if (described.status === 'ended') return this.refuse(asked, handOver, described.reason ?? 'cancelled');
    return this.refuse(asked, handOver, described.overdue ? 'enrolment-required' : 'cancelled');
  }

  /** Whether a code that was given for it is still good: what ends the person's sessions ends it too. */
  async isGood(portal: string, uid: string, accountId: string): Promise<boolean> {
    const handOver = await this.records.find(portal, uid, { isAnswered: true });
    if (handOver?.accountId !== accountId) return false;
    return (await this.look(handOver, systemContext())).status === 'open';
  }

  /** The gateway has redeemed the code: nothing is left of it. */
  async end(portal: string, uid: string): Promise<void> {
    const handOver = await this.records.find(portal, uid, { isAnswered: true });
    if (handOver) await this.endSession(handOver);
  }

  /** @throws Problem `not-found` */
  private async take(provider: Provider, clientId: string, requestUri: string): Promise<HandOverRequest> {
    const isPushed = requestUri.startsWith(PUSHED);
    const pushed = isPushed
      ? await provider.PushedAuthorizationRequest.find(requestUri.slice(PUSHED.length))
      : undefined;
    if (!pushed || pushed.consumed !== undefined) throw over();
    // signed by the client, checked when it was pushed, and sealed since
    const asked = handOverOf(decodeJwt(pushed.request));
    if (asked.clientId !== clientId) throw over();
    try {
      await pushed.consume();
    } catch (error) {
      if ((error as { error?: unknown }).error === 'invalid_grant') throw over();
      throw error;
    }
    return asked;
  }

  private async find({ portal, uid, token }: AskedOfHandOver): Promise<HandOver> {
    const handOver = token === undefined ? null : await this.records.find(portal, uid);
    if (!handOver || !isSameText(tokenHash(token ?? ''), handOver.tokenHash)) throw over();
    // what a gateway has begun that was removed since ends with it
    if (!(await this.clients.vouches(portal, handOver.clientId))) throw over();
    return handOver;
  }

  private look({ portal, accountId, sessionId }: HandOver, context: Context) {
    return this.requests.send(identityRequests.describeHandOver, { portal, accountId, sessionId }, context);
  }

  private async codeFor(
    { provider, uid }: AskedOfHandOver,
    { clientId, accountId, codeChallenge, nonce, redirectUri }: HandOver,
    { passed, provedAt }: { readonly passed: boolean; readonly provedAt: string },
  ): Promise<string> {
    const client = await provider.Client.find(clientId);
    if (!client) throw over();
    const grant = new provider.Grant({ clientId, accountId });
    grant.addOIDCScope('openid');
    const code = new provider.AuthorizationCode({
      ...{ accountId, client, redirectUri, codeChallenge, codeChallengeMethod: 'S256', scope: 'openid' },
      grantId: await grant.save(),
      sessionUid: uid,
      gty: 'authorization_code',
      acr: passed ? ACR.twoFactors : ACR.oneFactor,
      // how the first factor was proved, the gateway knows
      amr: passed ? ['otp', 'mfa'] : [],
      authTime: Math.floor(Date.parse(provedAt) / 1_000),
      ...(nonce !== undefined && { nonce }),
    });
    return code.save();
  }

  private async refuse(asked: AskedOfHandOver, handOver: HandOver, reason: Reason): Promise<string> {
    await this.answerOnce(asked);
    await this.endSession(handOver);
    return answerOf(asked.provider, handOver, { error: 'access_denied', reason });
  }

  private async answerOnce({ portal, uid }: AskedOfHandOver): Promise<void> {
    if (!(await this.records.answer(portal, uid))) throw over();
  }

  private async endSession({ portal, accountId, sessionId }: HandOver): Promise<void> {
    await this.requests.send(identityRequests.endHandOver, { portal, accountId, sessionId }, systemContext());
  }
}

const over = () => new Problem('not-found', 'This is over. Go back to the application.');

/** An account that there is not, and one that is not handed over. */
const nobody = {
  error: 'invalid_request',
  error_description: '`login_hint` names no account that can be handed over: without a password, and no administrator',
};
/** What the gateway is told when the person cannot be handed over. */
const refusals: Readonly<Partial<Record<string, Readonly<Record<string, string>>>>> = {
  'account-locked': { error: 'access_denied', reason: 'account-locked' },
  'account-suspended': { error: 'access_denied', reason: 'account-suspended' },
  'not-found': nobody,
  'account-deleted': nobody,
  'invalid-credentials': {
    error: 'login_required',
    error_description: 'prove the first factor again: `auth_time` is too long ago, or all sessions were ended since',
  },
};

/** To the address that is registered, with `iss` so that no answer of another is taken for it (RFC 9207). */
function answerOf(
  { issuer }: Provider,
  { redirectUri, state }: Pick<HandOver, 'redirectUri' | 'state'>,
  parameters: Readonly<Record<string, string>>,
): string {
  const url = new URL(redirectUri);
  for (const [name, value] of Object.entries({ ...parameters, ...(state !== undefined && { state }), iss: issuer }))
    url.searchParams.set(name, value);
  return url.href;
}
