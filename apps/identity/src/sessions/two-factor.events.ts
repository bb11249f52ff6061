import { Controller } from '@nestjs/common';
import { EventPattern } from '@nestjs/microservices';
import type { EventOf, RecordedEvent } from '#libs/contracts/src/events/event.js';
import { twoFactorEvents } from '#libs/contracts/src/events/two-factor.js';
import type { AccountRef } from '#libs/contracts/src/stream.js';
import { Adoptions } from '#libs/messaging/src/adopting/adoptions.js';
import { type Ending, SessionStore } from './session-store.js';

const { AccountLocked, AuthenticatorRemoved, TwoFactorDisabled, TwoFactorEnabled, SecretIssued, UserUnlocked } =
  twoFactorEvents;

/**
 * Ends sessions when two-factor says so. An event that comes again or much later ends none of the sessions since, as far as
 * the clocks of the two apps agree.
 */
@Controller()
export class TwoFactorEvents {
  constructor(
    private readonly sessions: SessionStore,
    private readonly adoptions: Adoptions,
  ) {}

  /** R23 */
  @EventPattern<string>(AccountLocked.type)
  locked(event: EventOf<typeof AccountLocked>): Promise<void> {
    return this.end(event, {});
  }

  /** By the user all others end (R11); by an administrator none, and who has more time by it can use what there are (R37). */
  @EventPattern<string>(TwoFactorDisabled.type)
  async disabled(event: EventOf<typeof TwoFactorDisabled>): Promise<void> {
    const { sessionId: except, graceEndsAt } = event.data;
    if (except !== undefined) await this.end(event, { except });
    await this.limit(event);
    if (graceEndsAt !== undefined) {
      await this.sessions.liftAll(accountOf(event), event.streamVersion, await this.asFarAs(event));
    }
  }

  /** By the session that confirmed, which has passed both factors by it (R14); sessions that were never limited go on (R37). */
  @EventPattern<string>(TwoFactorEnabled.type)
  async enabled(event: EventOf<typeof TwoFactorEnabled>): Promise<void> {
    const { sessionId, secretId: authenticatorId } = event.data;
    const by = { sessionId, authenticatorId };
    await this.sessions.enrolled(accountOf(event), by, event.streamVersion, await this.asFarAs(event));
  }

  /** All others end (R45). */
  @EventPattern<string>(AuthenticatorRemoved.type)
  removed(event: EventOf<typeof AuthenticatorRemoved>): Promise<void> {
    return this.end(event, { except: event.data.sessionId });
  }

  /** Of a reset all others end (R13). */
  @EventPattern<string>(SecretIssued.type)
  async secretIssued(event: EventOf<typeof SecretIssued>): Promise<void> {
    const { reason, sessionId: except } = event.data;
    if (reason === 'reset') await this.end(event, { except });
    await this.limit(event);
  }

  /** R25. Ends nothing; a lock from before it that could not be handled, and is replayed, is late from here on. */
  @EventPattern<string>(UserUnlocked.type)
  unlocked(): void {}

  private async end(event: RecordedEvent<unknown>, ending: Ending): Promise<void> {
    await this.sessions.endAll(accountOf(event), { ...ending, ...(await this.asFarAs(event)) });
  }

  /** Who disables or resets their own after the time of grace can only set it up again, in the session that is left (R37). */
  private async limit(event: RecordedEvent<{ sessionId?: string; enrolmentRequired?: true }>): Promise<void> {
    const { sessionId, enrolmentRequired } = event.data;
    if (!enrolmentRequired || sessionId === undefined) return;
    await this.sessions.limit(accountOf(event), sessionId, event.streamVersion);
  }

  /** A dead letter that is replayed after the next event still does what it was to do, to the sessions of before it. */
  private async asFarAs(event: RecordedEvent<unknown>): Promise<Pick<Ending, 'begunBefore'>> {
    return (await this.adoptions.has(event)) ? { begunBefore: Date.parse(event.time) } : {};
  }
}

function accountOf({ portal, account }: RecordedEvent<unknown>): AccountRef {
  if (account === undefined) throw new TypeError('an event of a second factor without an account');
  return { portal, accountId: account };
}
