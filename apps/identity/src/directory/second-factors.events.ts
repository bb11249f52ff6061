import { Controller } from '@nestjs/common';
import { EventPattern } from '@nestjs/microservices';
import type { EventOf, RecordedEvent } from '#libs/contracts/src/events/event.js';
import { twoFactorEvents } from '#libs/contracts/src/events/two-factor.js';
import { Directory } from './directory.js';
import type { SecondFactorChange } from './second-factors.js';

const { SecretIssued, SetupFailed, TwoFactorEnabled, TwoFactorDisabled, SecondFactorErased } = twoFactorEvents;
const { SecondFactorImported, AccountLocked, UserUnlocked, GraceBegan } = twoFactorEvents;

/** Adopts what lists of accounts ask of second factors. */
@Controller()
export class SecondFactorEvents {
  constructor(private readonly directory: Directory) {}

  /** A reset begins anew; one more authenticator is for who has one. */
  @EventPattern<string>(SecretIssued.type)
  secretIssued(event: EventOf<typeof SecretIssued>): Promise<void> {
    const enrolment = event.data.reason === 'add' ? 'enabled' : 'pending';
    return this.adopt(event, { enrolment: () => enrolment });
  }

  @EventPattern<string>(SetupFailed.type)
  setupFailed(event: EventOf<typeof SetupFailed>): Promise<void> {
    return this.adopt(event, { enrolment: (present) => (present === 'pending' ? 'none' : present) });
  }

  @EventPattern<string>(TwoFactorEnabled.type)
  enabled(event: EventOf<typeof TwoFactorEnabled>): Promise<void> {
    return this.adopt(event, { enrolment: () => 'enabled' });
  }

  @EventPattern<string>(SecondFactorImported.type)
  imported(event: EventOf<typeof SecondFactorImported>): Promise<void> {
    return this.adopt(event, { enrolment: () => 'enabled' });
  }

  @EventPattern<string>(TwoFactorDisabled.type)
  disabled(event: EventOf<typeof TwoFactorDisabled>): Promise<void> {
    const { graceEndsAt } = event.data;
    return this.adopt(event, {
      enrolment: () => 'none',
      ...(graceEndsAt !== undefined && { graceEndsAt: Date.parse(graceEndsAt) }),
    });
  }

  @EventPattern<string>(GraceBegan.type)
  graceBegan(event: EventOf<typeof GraceBegan>): Promise<void> {
    return this.adopt(event, { graceEndsAt: Date.parse(event.data.endsAt) });
  }

  /** The account was deleted; no event follows. */
  @EventPattern<string>(SecondFactorErased.type)
  async erased({ portal, account }: EventOf<typeof SecondFactorErased>): Promise<void> {
    if (account !== undefined) await this.directory.forgetSecondFactor({ portal, accountId: account });
  }

  @EventPattern<string>(AccountLocked.type)
  locked(event: EventOf<typeof AccountLocked>): Promise<void> {
    return this.adopt(event, { locked: true });
  }

  @EventPattern<string>(UserUnlocked.type)
  unlocked(event: EventOf<typeof UserUnlocked>): Promise<void> {
    return this.adopt(event, { locked: false });
  }

  private async adopt({ portal, account, streamVersion }: RecordedEvent<unknown>, change: SecondFactorChange) {
    if (account !== undefined) await this.directory.adopt({ portal, accountId: account }, streamVersion, change);
  }
}
