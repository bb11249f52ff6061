import type { AccountRef } from '#libs/contracts/src/stream.js';
import { actingAsUser, type Context } from '#libs/contracts/src/context.js';
import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { LoginMethod } from '#libs/contracts/src/primitives.js';
import { Problem } from '#libs/contracts/src/problems.js';
import type { Clock } from '#libs/platform/src/clock.js';
import { CLOCK } from '#libs/platform/src/tokens.js';
import { PersonalKeys } from '#libs/vault/src/personal/personal-keys.js';
import { sealClient } from '#libs/vault/src/personal/sealed-client.js';
import { newToken, tokenHash } from '#libs/secrets/src/tokens.js';
import { Directory } from '../directory/directory.js';
import { Accounts } from '../registry/accounts.js';
import { Descriptions } from '../registry/descriptions.js';
import { type Proof, SESSION_LASTS_MS, SessionStore } from './session-store.js';

export interface IssuedSession {
  readonly status: 'complete';
  readonly accessToken: string;
  readonly expiresAt: string;
}

/** 2FA is required, and the account has none (R37). */
export interface EnrolmentDue {
  readonly graceEndsAt: string;
  readonly isOver: boolean;
}

/** The time to set up 2FA is over: the session can do so, and nothing else. */
interface EnrolmentRequired extends Omit<IssuedSession, 'status'> {
  readonly status: 'enrolment-required';
}
export type IssuedInGrace =
  (IssuedSession & { readonly enrolment?: { readonly graceEndsAt: string } }) | EnrolmentRequired;

export interface LoginToIssue {
  readonly method: LoginMethod;
  readonly proof: Proof;
  readonly epoch: number;
  readonly enrolmentRequired?: true;
  /** The browser that it was made with, if that is remembered: from now on, or from before (R39). */
  readonly browser?: { readonly browserId: string; readonly isNew: boolean } | undefined;
  readonly context: Context;
}

/** The last step of every login. */
@Injectable()
export class SessionIssuer {
  constructor(
    private readonly sessions: SessionStore,
    private readonly accounts: Accounts,
    private readonly descriptions: Descriptions,
    private readonly directory: Directory,
    private readonly keys: PersonalKeys,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Stores the session, then looks again whether the account was suspended or locked, or its sessions ended meanwhile (R41,
   * R23), or 2FA was set up elsewhere than in the session that was to do so (R37), records the login, and only then shows the token. `epoch`: that of the account's sessions when the login began;
   * `enrolmentRequired`: the session can only set up 2FA (R37).
   * @throws Problem `account-suspended`, `account-locked`, `challenge-ended`, `invalid-credentials`
   */
  async issue({ portal, accountId }: AccountRef, login: LoginToIssue): Promise<IssuedSession> {
    const account: AccountRef = { portal, accountId };
    const accessToken = newToken('ses_');
    const hash = tokenHash(accessToken);
    const sessionId = randomUUID();
    const expiresAt = this.clock() + SESSION_LASTS_MS;
    const { method, proof, enrolmentRequired, browser } = login;
    const more = { ...(enrolmentRequired && { enrolmentRequired }), ...(browser && { browserId: browser.browserId }) };
    const by = { ...actingAsUser(login.context, accountId), sessionId };
    const origin = await sealClient(this.keys, account, { at: this.clock(), id: sessionId, context: by });
    const begun = { ...account, sessionId, expiresAt, endedAt: null, method, proof };
    const session = { ...begun, ...more, ...(origin && { origin }) };
    await this.sessions.add(hash, session);
    try {
      const enrolment = await this.descriptions.refuseIfBarred(account, login.context);
      // from here on, the event that ends limited sessions finds this one
      const isTooLate = enrolmentRequired && enrolment === 'enabled';
      if (isTooLate || (await this.sessions.epoch(account)) !== login.epoch) {
        const code = method.startsWith('password+') ? 'challenge-ended' : 'invalid-credentials';
        throw new Problem(code, 'All sessions have been ended in the meantime. Log in again.');
      }
      await this.accounts.execute(account, by, {
        type: 'RecordLogin',
        login: { method, sessionId, ...more },
        remembers: browser?.isNew ?? false,
      });
      await this.directory.loggedIn(account);
    } catch (error) {
      await this.sessions.end(hash);
      throw error;
    }
    return { status: 'complete', accessToken, expiresAt: new Date(expiresAt).toISOString() };
  }

  /** As `issue`, by what two-factor has answered to a first factor: until the end of the time of grace it is told, then the session is limited. */
  async issueInGrace(account: AccountRef, due: EnrolmentDue | undefined, login: LoginToIssue): Promise<IssuedInGrace> {
    if (due?.isOver) {
      return { ...(await this.issue(account, { ...login, enrolmentRequired: true })), status: 'enrolment-required' };
    }
    const session = await this.issue(account, login);
    return due ? { ...session, enrolment: { graceEndsAt: due.graceEndsAt } } : session;
  }
}
