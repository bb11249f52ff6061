import { Controller } from '@nestjs/common';
import { EventPattern } from '@nestjs/microservices';
import type { DataOf, RecordedEvent } from '#libs/contracts/src/events/event.js';
import { twoFactorEvents } from '#libs/contracts/src/events/two-factor.js';
import { Adoptions, streamOf } from '#libs/messaging/src/adopting/adoptions.js';
import { SessionStore } from './session-store.js';

/** Ends sessions when two-factor says so. An event that comes again, perhaps much later, ends none of the sessions since. */
@Controller()
export class TwoFactorEvents {
  constructor(
    private readonly sessions: SessionStore,
    private readonly adoptions: Adoptions,
  ) {}

  /** R23 */
  @EventPattern<string>(twoFactorEvents.AccountLocked.type)
  locked(event: RecordedEvent<DataOf<typeof twoFactorEvents.AccountLocked>>): Promise<void> {
    return this.once(event, (account) => this.sessions.endAll(account));
  }

  /** By the user all others end (R11); by an administrator none. */
  @EventPattern<string>(twoFactorEvents.TwoFactorDisabled.type)
  disabled(event: RecordedEvent<DataOf<typeof twoFactorEvents.TwoFactorDisabled>>): Promise<void> {
    const { sessionId: except } = event.data;
    return this.once(event, async (account) => {
      if (except !== undefined) await this.sessions.endAll(account, { except });
    });
  }

  /** Of a reset all others end (R13). */
  @EventPattern<string>(twoFactorEvents.SecretIssued.type)
  secretIssued(event: RecordedEvent<DataOf<typeof twoFactorEvents.SecretIssued>>): Promise<void> {
    const { reason, sessionId: except } = event.data;
    return this.once(event, async (account) => {
      if (reason === 'reset') await this.sessions.endAll(account, { except });
    });
  }

  /** Ends nothing, and tells the unlocking that the lock before it has ended the old sessions (R25). */
  @EventPattern<string>(twoFactorEvents.UserUnlocked.type)
  unlocked(event: RecordedEvent<DataOf<typeof twoFactorEvents.UserUnlocked>>): Promise<void> {
    return this.once(event, () => Promise.resolve());
  }

  private async once(
    event: RecordedEvent<unknown>,
    effect: (account: { portal: string; accountId: string }) => Promise<void>,
  ): Promise<void> {
    const { portal, account: accountId, streamVersion: version } = event;
    if (accountId === undefined) return;
    const point = { source: 'two-factor', stream: streamOf(event), version } as const;
    if (await this.adoptions.reached(point, 0)) return;
    await effect({ portal, accountId });
    await this.adoptions.record({ ...event, data: {} });
  }
}
