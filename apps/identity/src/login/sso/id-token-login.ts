import { Injectable } from '@nestjs/common';
import type { Context } from '#libs/contracts/src/context.js';
import type { SsoProvider } from '#libs/contracts/src/events/admin-policy.js';
import { isKnownTo } from '../../accounts/account.js';
import { Descriptions } from '../../registry/descriptions.js';
import { SsoSubjects } from '../../registry/sso-subjects.js';
import { type IssuedSession, SessionIssuer } from '../../sessions/session-issuer.js';
import { SessionStore } from '../../sessions/session-store.js';
import { IdTokens, notGood } from './id-tokens.js';
import { UsedOnce } from './used-once.js';

/** The one way from an ID token to a session, whoever brings it. */
@Injectable()
export class IdTokenLogin {
  constructor(
    private readonly idTokens: IdTokens,
    private readonly subjects: SsoSubjects,
    private readonly descriptions: Descriptions,
    private readonly sessions: SessionStore,
    private readonly issuer: SessionIssuer,
    private readonly used: UsedOnce,
  ) {}

  /**
   * Asks for no code (R19), proves nothing (R14), and meets suspension and lock (R41, R23), which leave the token unused.
   * `provider`: the portal's; its `audience` is whom the token must be for.
   * @throws Problem `invalid-credentials`, `account-suspended`, `account-locked`, `unavailable`
   */
  async logIn(
    portal: string,
    idToken: string,
    provider: Omit<SsoProvider, 'clientId'>,
    context: Context,
  ): Promise<IssuedSession> {
    const { subject, id, goodUntil } = await this.idTokens.verify(idToken, provider);
    const account = await this.subjects.find(portal, subject);
    const { issuer } = provider;
    if (!account || !isKnownTo(account.profile.sso, { subject, issuer })) throw notGood();
    const epoch = await this.sessions.epoch(account);
    await this.descriptions.refuseIfBarred(account, context);
    if (!(await this.used.useUp(id, goodUntil))) throw notGood();
    const proof = { passwordAt: null, authenticatorId: null };
    return this.issuer.issue(account, { method: 'sso', proof, epoch, context });
  }
}
