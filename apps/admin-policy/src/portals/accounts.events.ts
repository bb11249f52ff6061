import { Controller, type OnModuleInit } from '@nestjs/common';
import { EventPattern } from '@nestjs/microservices';
import type { EventOf } from '#libs/contracts/src/events/event.js';
import { identityEvents } from '#libs/contracts/src/events/identity.js';
import { ErasedAccounts } from '#libs/platform/src/personal/erased-accounts.js';

const { AccountDeleted } = identityEvents;

/** Of a deleted account only the keys are here of where its administrator's acts came from (R42). */
@Controller()
export class AccountsEvents implements OnModuleInit {
  constructor(private readonly erased: ErasedAccounts) {}

  async onModuleInit(): Promise<void> {
    await this.erased.eraseBroughtBack((account) => this.erased.erase(account));
  }

  @EventPattern<string>(AccountDeleted.type)
  accountDeleted({ portal, account }: EventOf<typeof AccountDeleted>): Promise<void> {
    return this.erased.erase({ portal, accountId: account! });
  }
}
