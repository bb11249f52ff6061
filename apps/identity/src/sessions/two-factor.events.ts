import { Controller } from '@nestjs/common';
import { EventPattern } from '@nestjs/microservices';
import type { DataOf, RecordedEvent } from '#libs/contracts/src/events/event.js';
import { twoFactorEvents } from '#libs/contracts/src/events/two-factor.js';
import { streamOf } from '#libs/contracts/src/stream.js';
import { Adoptions } from '#libs/messaging/src/adopting/adoptions.js';
import { type Ending, SessionStore } from './session-store.js';

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
  @EventPattern<string>(twoFactorEvents.AccountLocked.type)
  locked(event: RecordedEvent<DataOf<typeof twoFactorEvents.AccountLocked>>): Promise<void> {
    return this.handle(event, {});
  }

  /** By the user all others end (R11); by an administrator none. */
  @EventPattern<string>(twoFactorEvents.TwoFactorDisabled.type)
  disabled(event: RecordedEvent<DataOf<typeof twoFactorEvents.TwoFactorDisabled>>): Promise<void> {
    const { sessionId: except } = event.data;
    return this.handle(event, except === undefined ? null : { except });
  }

  /** Of a reset all others end (R13). */
  @EventPattern<string>(twoFactorEvents.SecretIssued.type)
  secretIssued(event: RecordedEvent<DataOf<typeof twoFactorEvents.SecretIssued>>): Promise<void> {
    const { reason, sessionId: except } = event.data;
    return this.handle(event, reason === 'reset' ? { except } : null);
  }

  /** Ends nothing, and tells the unlocking that the lock before it has ended the old sessions (R25). */
  @EventPattern<string>(twoFactorEvents.UserUnlocked.type)
  unlocked(event: RecordedEvent<DataOf<typeof twoFactorEvents.UserUnlocked>>): Promise<void> {
    return this.handle(event, null);
  }

  private async handle(event: RecordedEvent<unknown>, ends: Ending | null): Promise<void> {
    const { portal, account: accountId, streamVersion: version } = event;
    if (accountId === undefined) return;
    const point = { source: 'two-factor', stream: streamOf(event), version } as const;
    // a dead letter that is replayed after the next event still ends what it was to end
    const late = await this.adoptions.reached(point, 0);
    const begunBefore = late ? { begunBefore: Date.parse(event.time) } : {};
    if (ends) await this.sessions.endAll({ portal, accountId }, { ...ends, ...begunBefore });
    await this.adoptions.record({ ...event, data: {} });
  }
}
