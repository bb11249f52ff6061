import { Controller } from '@nestjs/common';
import { EventPattern } from '@nestjs/microservices';
import { becauseOf } from '#libs/contracts/src/context.js';
import { adminPolicyEvents, wholeSettings } from '#libs/contracts/src/events/admin-policy.js';
import type { EventOf, RecordedEvent } from '#libs/contracts/src/events/event.js';
import { twoFactorEvents } from '#libs/contracts/src/events/two-factor.js';
import { RememberDays } from './remember-days.js';
import { RememberedBrowsers } from './remembered-browsers.js';

const { SettingsChanged } = adminPolicyEvents;
const { AccountLocked, AuthenticatorAdded, AuthenticatorRemoved, SecretIssued, TwoFactorDisabled } = twoFactorEvents;

/**
 * Has browsers forgotten when the second factor says so. A login asks two-factor itself, so that none is let in before this
 * comes; an event that comes again forgets none of the browsers since.
 */
@Controller()
export class BrowserEvents {
  constructor(
    private readonly days: RememberDays,
    private readonly browsers: RememberedBrowsers,
  ) {}

  @EventPattern<string>(SettingsChanged.type)
  settingsChanged({ portal, streamVersion, time, data }: EventOf<typeof SettingsChanged>): Promise<void> {
    return this.days.adopt(portal, streamVersion, wholeSettings(data.to).rememberDays, Date.parse(time));
  }

  @EventPattern<string>(AccountLocked.type)
  locked(event: EventOf<typeof AccountLocked>): Promise<void> {
    return this.forget(event);
  }

  @EventPattern<string>(TwoFactorDisabled.type)
  disabled(event: EventOf<typeof TwoFactorDisabled>): Promise<void> {
    return this.forget(event);
  }

  @EventPattern<string>(AuthenticatorAdded.type)
  added(event: EventOf<typeof AuthenticatorAdded>): Promise<void> {
    return this.forget(event);
  }

  @EventPattern<string>(AuthenticatorRemoved.type)
  removed(event: EventOf<typeof AuthenticatorRemoved>): Promise<void> {
    return this.forget(event);
  }

  /** Of a reset. */
  @EventPattern<string>(SecretIssued.type)
  async secretIssued(event: EventOf<typeof SecretIssued>): Promise<void> {
    if (event.data.reason === 'reset') await this.forget(event);
  }

  private async forget(event: RecordedEvent<unknown>): Promise<void> {
    const { portal, account: accountId, time } = event;
    if (accountId === undefined) throw new TypeError('an event of a second factor without an account');
    const reason = 'second-factor-changed';
    await this.browsers.forgetOlder({ portal, accountId }, Date.parse(time), reason, becauseOf(event));
  }
}
