import { Injectable } from '@nestjs/common';
import { type Context, systemContext } from '#libs/contracts/src/context.js';
import { accepted } from '#libs/contracts/src/problems.js';
import type { AccountRef } from '#libs/contracts/src/stream.js';
import { ErasedAccounts } from '#libs/platform/src/personal/erased-accounts.js';
import { SecondFactors } from '../change/second-factors.js';

/** Of a deleted account: its second factor, then the keys of where its codes came from (R42). Again it changes nothing. */
@Injectable()
export class Erasure {
  constructor(
    private readonly secondFactors: SecondFactors,
    private readonly erased: ErasedAccounts,
  ) {}

  async erase(account: AccountRef, context: Context): Promise<void> {
    await this.erased.erase(account, async () => {
      const { answer } = await this.secondFactors.execute(account, context, () => ({ type: 'Erase' as const }));
      accepted(answer);
    });
  }

  /** What a restored store has brought back; before the app serves. */
  async applyListed(): Promise<void> {
    await this.erased.eraseBroughtBack((account) => this.erase(account, systemContext()));
  }
}
