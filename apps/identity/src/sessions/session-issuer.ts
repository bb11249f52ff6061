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
import { lastsMs, type Proof, SessionStore, type StoredSession } from './session-store.js';

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

/** A session that is to begin. */
export interface Beginning {
  readonly session: Pick<
    StoredSession,
    'method' | 'proof' | 'enrolmentRequired' | 'browserId' | 'handOver' | 'clientId'
  >;
  /** That of the account's sessions when the first factor was right. */
  readonly epoch: number;
  readonly context: Context;
  readonly record: (sessionId: string, by: Context) => Promise<void>;
}
export interface BegunSession {
  readonly sessionId: string;
  readonly accessToken: string;
  /** Milliseconds. */
  readonly expiresAt: number;
}

/** The last step of every login, and of every hand-over. */
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

  /** As `begin`, of a login. `enrolmentRequired`: the session can only set up 2FA (R37). */
  async issue(account: AccountRef, login: LoginToIssue): Promise<IssuedSession> {
    const { method, proof, epoch, enrolmentRequired, browser, context } = login;
    const more = { ...(enrolmentRequired && { enrolmentRequired }), ...(browser && { browserId: browser.browserId }) };
    const { accessToken, expiresAt } = await this.begin(account, {
      session: { method, proof, ...more },
      ...{ epoch, context },
      record: async (sessionId, by) => {
        await this.accounts.execute(account, by, {
          type: 'RecordLogin',
          login: { method, sessionId, ...more },
          remembers: browser?.isNew ?? false,
        });
        await this.directory.loggedIn(account);
      },
    });
    return { status: 'complete', accessToken, expiresAt: new Date(expiresAt).toISOString() };
  }

  /**
   * Stores the session, then looks again whether the account was suspended or locked, or its sessions ended meanwhile (R41,
   * R23), or 2FA was set up elsewhere than in the session that was to do so (R37), records its beginning, and only then shows the
   * token.
   * @throws Problem `account-suspended`, `account-locked`, `challenge-ended`, `invalid-credentials`
   */
  async begin({ portal, accountId }: AccountRef, beginning: Beginning): Promise<BegunSession> {
    const account: AccountRef = { portal, accountId };
    const { session: given, epoch, context, record } = beginning;
    const accessToken = newToken('ses_');
    const hash = tokenHash(accessToken);
    const sessionId = randomUUID();
    const expiresAt = this.clock() + lastsMs(given);
    const by = { ...actingAsUser(context, accountId), sessionId };
    const origin = await sealClient(this.keys, account, { at: this.clock(), id: sessionId, context: by });
    const session = { ...account, ...given, sessionId, expiresAt, endedAt: null, ...(origin && { origin }) };
    await this.sessions.add(hash, session);
    try {
      const enrolment = await this.descriptions.refuseIfBarred(account, context);
      // from here on, the event that ends limited sessions finds this one
      const isTooLate = given.enrolmentRequired && enrolment === 'enabled';
      if (isTooLate || (await this.sessions.epoch(account)) !== epoch) {
        const code = given.method.startsWith('password+') ? 'challenge-ended' : 'invalid-credentials';
        throw new Problem(code, 'All sessions have been ended in the meantime. Log in again.');
      }
      await record(sessionId, by);
    } catch (error) {
      await this.sessions.end(hash);
      throw error;
    }
    return { sessionId, accessToken, expiresAt };
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
