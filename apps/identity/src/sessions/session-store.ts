import { updateRecord } from '#libs/engine/src/records.js';
import type { SealedText } from '#libs/contracts/src/events/event.js';
import type { AccountRef } from '#libs/contracts/src/stream.js';
import { HAND_OVER_LASTS_MS } from '#libs/contracts/src/limits.js';
import { Inject, Injectable } from '@nestjs/common';
import type { Engine, Key, Records } from '#libs/engine/src/port.js';
import type { Clock } from '#libs/platform/src/clock.js';
import { CLOCK, ENGINE } from '#libs/platform/src/tokens.js';
import type { HandOverPurpose, SessionMethod } from '#libs/contracts/src/primitives.js';
import { LAST_SEEN, seenKey } from './last-seen.js';
import { Expiries } from '#libs/platform/src/running/expiries.js';

export interface Proof {
  /** Milliseconds when the password was proved in this session; null for SSO and login tokens (R14). */
  readonly passwordAt: number | null;
  /** The authenticator that this session has passed. Missing where an earlier release began it: a code is asked again. */
  readonly authenticatorId?: string | null;
  /** A gateway has proved the first factor (R34). */
  readonly handedOver?: true;
}

export interface StoredSession extends AccountRef {
  readonly sessionId: string;
  readonly expiresAt: number;
  /** An ended session is kept for a while, so that its bearer learns that it has ended. */
  readonly endedAt: number | null;
  readonly method: SessionMethod;
  readonly proof: Proof;
  /** Until the account has 2FA, it can only set it up, where the portal requires it (R37). */
  readonly enrolmentRequired?: true;
  /** It can do only this (R34), and nothing more once the gateway is answered. */
  readonly handOver?: HandOverPurpose | 'answered';
  /** Of the gateway that handed over. */
  readonly clientId?: string;
  /** Of the last event of the second factor that limited it or lifted the limit, the version: an older one does neither. */
  readonly limitVersion?: number;
  /** The remembered browser that it began with (R39). */
  readonly browserId?: string;
  /** Where it was begun from, sealed with the session's id (R42). */
  readonly origin?: SealedText;
  /** The last one that was made to it. */
  readonly lastChange?: string;
}

/** Milliseconds. */
export const beganAt = (session: Pick<StoredSession, 'expiresAt' | 'handOver'>): number =>
  session.expiresAt - lastsMs(session);
/** How long such a session lasts, in milliseconds. */
export const lastsMs = ({ handOver }: Pick<StoredSession, 'handOver'>): number =>
  handOver === undefined ? SESSION_LASTS_MS : HAND_OVER_LASTS_MS;

/** A session that was not ended; it may have expired. */
export interface OpenSession {
  readonly tokenHash: string;
  readonly session: StoredSession;
}

/** Which sessions of an account end. */
export interface Ending {
  readonly except?: string | undefined;
  readonly begunBefore?: number;
}

export const SESSION_LASTS_MS = 12 * 60 * 60_000;
const SESSIONS = 'sessions';
const BY_ACCOUNT = 'sessions-by-account';
const KEPT_AFTER_EXPIRY_MS = 24 * 60 * 60_000;
const BATCH = 200;

/** Sessions by the hash of their token. */
@Injectable()
export class SessionStore {
  private readonly sessions: Records<StoredSession>;
  private readonly byAccount: Records<{ tokenHash: string }>;
  private readonly epochs: Records<number>;

  constructor(
    @Inject(ENGINE) engine: Engine,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly expiries: Expiries,
  ) {
    this.sessions = engine.records(SESSIONS);
    this.byAccount = engine.records(BY_ACCOUNT);
    this.epochs = engine.records('session-epochs');
  }

  /** Nobody knows the token before all three are durable, so their order does not matter. */
  async add(tokenHash: string, session: StoredSession): Promise<void> {
    const index = indexOf(session);
    await Promise.all([
      this.byAccount.put(index, { tokenHash }),
      this.expiries.add(
        session.expiresAt + KEPT_AFTER_EXPIRY_MS,
        { collection: SESSIONS, key: [tokenHash] },
        { collection: BY_ACCOUNT, key: index },
        { collection: LAST_SEEN, key: seenKey(session) },
      ),
      this.sessions.put([tokenHash], session),
    ]);
  }

  async find(tokenHash: string): Promise<StoredSession | undefined> {
    return this.sessions.get([tokenHash]);
  }

  async findOpen({ portal, accountId }: AccountRef, sessionId: string): Promise<OpenSession | undefined> {
    const found = await this.byAccount.get([portal, accountId, sessionId]);
    return found && this.asOpen(found.tokenHash);
  }

  /** Those of the account that were not ended, some at a time, in no order of their own. */
  async *open({ portal, accountId }: AccountRef): AsyncGenerator<OpenSession[]> {
    for (let after: Key | undefined; ;) {
      const page = await this.byAccount.list({ prefix: [portal, accountId], limit: BATCH, ...(after && { after }) });
      const found = await Promise.all(page.map(({ value }) => this.asOpen(value.tokenHash)));
      yield found.filter((one) => one !== undefined);
      if (page.length < BATCH) return;
      after = page.at(-1)?.key;
    }
  }

  private async asOpen(tokenHash: string): Promise<OpenSession | undefined> {
    const session = await this.find(tokenHash);
    return session?.endedAt === null ? { tokenHash, session } : undefined;
  }

  /** True: it was open until now. `change`: the id of its bearer's change that this is. */
  async end(tokenHash: string, change?: string): Promise<boolean> {
    const ended = await this.change(tokenHash, (session) => ({ ...session, endedAt: this.clock(), ...by(change) }));
    if (ended) await this.byAccount.delete(indexOf(ended));
    return ended !== null;
  }

  /** False: the session has ended. */
  async prove(tokenHash: string, proof: Proof, change?: string): Promise<boolean> {
    return (await this.change(tokenHash, (session) => ({ ...session, proof, ...by(change) }))) !== null;
  }

  /** Of a person who was handed over: the gateway is answered (R34). False: it has ended. */
  async answered(tokenHash: string): Promise<boolean> {
    return (await this.change(tokenHash, (session) => ({ ...session, handOver: 'answered' }))) !== null;
  }

  /** From here on the session can only set up 2FA, by the event of that version. */
  async limit(account: AccountRef, sessionId: string, version: number): Promise<void> {
    const found = await this.findOpen(account, sessionId);
    if (found) await this.change(found.tokenHash, limited(version));
  }

  /** The account's sessions can do everything again. */
  async liftAll(account: AccountRef, version: number, { begunBefore = Infinity }: Pick<Ending, 'begunBefore'>) {
    for await (const some of this.open(account)) {
      const concerned = some.filter(({ session }) => session.enrolmentRequired && beganAt(session) < begunBefore);
      await Promise.all(concerned.map(({ tokenHash }) => this.change(tokenHash, unlimited(version))));
    }
  }

  /**
   * This session has set up 2FA: it can do everything, and has passed that authenticator, by whose code it did so. The others that
   * were to set it up end, since they have passed no code (R37).
   */
  async enrolled(
    account: AccountRef,
    { sessionId, authenticatorId }: { readonly sessionId: string; readonly authenticatorId: string },
    version: number,
    { begunBefore = Infinity }: Pick<Ending, 'begunBefore'>,
  ): Promise<void> {
    const own = await this.findOpen(account, sessionId);
    if (own) await this.change(own.tokenHash, enrolledWith(authenticatorId, version));
    for await (const some of this.open(account)) {
      const ending = some.filter(
        ({ session }) =>
          session.sessionId !== sessionId && isLimitedBefore(session, version) && beganAt(session) < begunBefore,
      );
      await Promise.all(ending.map(({ tokenHash }) => this.end(tokenHash)));
    }
  }

  /** Raised when all end: a login that began before it ends too, though its session is stored only after. */
  async epoch({ portal, accountId }: AccountRef): Promise<number> {
    return (await this.epochs.get([portal, accountId])) ?? 0;
  }

  /** `begunBefore`: only those, in milliseconds. */
  async endAll(account: AccountRef, { except, begunBefore }: Ending = {}): Promise<void> {
    if (begunBefore === undefined) await this.raiseEpoch(account);
    const endOne = async (tokenHash: string) => {
      if (begunBefore !== undefined) {
        const session = await this.find(tokenHash);
        if (session && beganAt(session) >= begunBefore) return;
      }
      await this.end(tokenHash);
    };
    const prefix: Key = [account.portal, account.accountId];
    for (let after: Key | undefined; ;) {
      const page = await this.byAccount.list({ prefix, limit: BATCH, ...(after && { after }) });
      await Promise.all(page.filter(({ key }) => key[2] !== except).map(({ value }) => endOne(value.tokenHash)));
      if (page.length < BATCH) return;
      after = page.at(-1)?.key;
    }
  }

  private async change(
    tokenHash: string,
    to: (session: StoredSession) => StoredSession,
  ): Promise<StoredSession | null> {
    for (;;) {
      const session = await this.sessions.get([tokenHash]);
      if (session?.endedAt !== null) return null;
      const changed = to(session);
      if (await this.sessions.replace([tokenHash], session, changed)) return changed;
    }
  }

  async raiseEpoch({ portal, accountId }: AccountRef): Promise<void> {
    await updateRecord(this.epochs, [portal, accountId], (present = 0) => present + 1);
  }
}

const isOlder = ({ limitVersion = 0 }: StoredSession, version: number) => version <= limitVersion;
const isLimitedBefore = (session: StoredSession, version: number) =>
  session.enrolmentRequired === true && !isOlder(session, version);
const limited =
  (limitVersion: number) =>
  (session: StoredSession): StoredSession =>
    isOlder(session, limitVersion) ? session : { ...session, enrolmentRequired: true, limitVersion };
const unlimited =
  (limitVersion: number) =>
  (session: StoredSession): StoredSession => {
    if (isOlder(session, limitVersion)) return session;
    const { enrolmentRequired: _, ...whole } = session;
    return { ...whole, limitVersion };
  };

const enrolledWith =
  (authenticatorId: string, version: number) =>
  (session: StoredSession): StoredSession => {
    if (isOlder(session, version)) return session;
    const { passwordAt } = session.proof;
    // without a password before it a code is no second factor
    const proof = passwordAt === null ? session.proof : { ...session.proof, authenticatorId };
    return { ...unlimited(version)(session), proof };
  };

const by = (change: string | undefined) => (change === undefined ? {} : { lastChange: change });
const indexOf = ({ portal, accountId, sessionId }: StoredSession): Key => [portal, accountId, sessionId];
