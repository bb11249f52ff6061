import { Controller } from '@nestjs/common';
import { EventPattern } from '@nestjs/microservices';
import type { EventOf, RecordedEvent } from '#libs/contracts/src/events/event.js';
import { twoFactorEvents } from '#libs/contracts/src/events/two-factor.js';
import { Adoptions } from '#libs/messaging/src/adopting/adoptions.js';
import { type Ending, SessionStore } from './session-store.js';

const { AccountLocked, AuthenticatorRemoved, TwoFactorDisabled, SecretIssued, UserUnlocked } = twoFactorEvents;

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

  /** By the user all others end (R11); by an administrator none. */
  @EventPattern<string>(TwoFactorDisabled.type)
  async disabled(event: EventOf<typeof TwoFactorDisabled>): Promise<void> {
    const { sessionId: except } = event.data;
    if (except !== undefined) await this.end(event, { except });
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
  }

  /** R25. Ends nothing; a lock from before it that could not be handled, and is replayed, is late from here on. */
  @EventPattern<string>(UserUnlocked.type)
  unlocked(): void {}

  private async end(event: RecordedEvent<unknown>, ending: Ending): Promise<void> {
    const { portal, account: accountId, time } = event;
    if (accountId === undefined) return;
    // a dead letter that is replayed after the next event still ends what it was to end
    const late = await this.adoptions.has(event);
    await this.sessions.endAll({ portal, accountId }, { ...ending, ...(late && { begunBefore: Date.parse(time) }) });
  }
}
