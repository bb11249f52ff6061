import { CommandOf } from '#libs/platform/src/cqrs.js';
import { type Context } from '#libs/contracts/src/context.js';
import { Inject } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Problem } from '#libs/contracts/src/problems.js';
import type { Engine, Records } from '#libs/engine/src/port.js';
import { ENGINE } from '#libs/platform/src/tokens.js';
import { isKnownTo } from '../../accounts/account.js';
import { Descriptions } from '../../registry/descriptions.js';
import { SsoSubjects } from '../../registry/sso-subjects.js';
import { type IssuedSession, SessionIssuer } from '../../sessions/session-issuer.js';
import { SessionStore } from '../../sessions/session-store.js';
import { Expiries } from '#libs/platform/src/running/expiries.js';
import { LoginOutcomes } from '../login-outcomes.js';
import { IdTokens } from './id-tokens.js';
import { PortalSso } from './portal-sso.js';

export class LoginWithSso extends CommandOf<
  { readonly portal: string; readonly idToken: string; readonly context: Context },
  IssuedSession
> {}

const USED_TOKENS = 'sso-tokens';
/** So long beyond its time a token stays used: a clock may go ahead and be set back. */
const CLOCK_SET_BACK_MS = 3_600_000;

/** Asks for no code (R19), proves nothing (R14), and meets suspension and lock (R41, R23), which leave the token unused. */
@CommandHandler(LoginWithSso)
export class LoginWithSsoHandler implements ICommandHandler<LoginWithSso> {
  private readonly used: Records<{ readonly until: number }>;

  constructor(
    @Inject(ENGINE) engine: Engine,
    private readonly sso: PortalSso,
    private readonly idTokens: IdTokens,
    private readonly subjects: SsoSubjects,
    private readonly descriptions: Descriptions,
    private readonly sessions: SessionStore,
    private readonly issuer: SessionIssuer,
    private readonly expiries: Expiries,
    private readonly outcomes: LoginOutcomes,
  ) {
    this.used = engine.records(USED_TOKENS);
  }

  execute({ input: { portal, idToken, context } }: LoginWithSso): Promise<IssuedSession> {
    return this.outcomes.count('sso', async () => {
      const settings = await this.sso.find(portal);
      if (!settings) throw notGood();
      const { subject, id, goodUntil } = await this.idTokens.verify(idToken, settings);
      const account = await this.subjects.find(portal, subject);
      const { issuer } = settings;
      if (!account || !isKnownTo(account.profile.sso, { subject, issuer })) throw notGood();
      const epoch = await this.sessions.epoch(account);
      await this.descriptions.refuseIfBarred(account, context);
      if (!(await this.useUp(id, goodUntil))) throw notGood();
      const proof = { passwordAt: null, authenticatorId: null };
      return this.issuer.issue(account, { method: 'sso', proof, epoch, context });
    });
  }

  /** True once per token, whichever portals trust its provider. */
  private async useUp(id: string, until: number): Promise<boolean> {
    const key = [id];
    await this.expiries.add(until + CLOCK_SET_BACK_MS, { collection: USED_TOKENS, key });
    return this.used.create(key, { until });
  }
}

const notGood = () => new Problem('invalid-credentials', 'The ID token is not accepted here.');
