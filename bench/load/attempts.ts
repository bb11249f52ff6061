import { randomUUID } from 'node:crypto';
import type { ChallengeSealer } from '#apps/two-factor/src/challenge/sealed-challenge.js';
import type { ChallengePurpose } from '#libs/contracts/src/messages/requests.js';
import { CHALLENGE_LASTS_MS } from '#libs/contracts/src/rules.js';
import { accountId, codesOf } from '../seed/accounts.js';

/** Wrong codes of an account before its right one: far from the limit of 100, so that none is locked. */
export const WRONG_CODES = 20;
export const ATTEMPTS = WRONG_CODES + 1;

/**
 * The bodies of requests that verify: for each connection, one account after the other with wrong codes and then a right one.
 * Takes each account once. To be sent within half a minute, after which the right codes are wrong.
 */
export class Attempts {
  constructor(
    private readonly sealer: ChallengeSealer,
    private readonly portal: string,
    private readonly accounts: number,
    private next = 0,
  ) {}

  bodies(purpose: ChallengePurpose, connections: number, accountsOfEach: number): string[][] {
    return Array.from({ length: connections }, () =>
      Array.from({ length: accountsOfEach }, () => this.ofAccount(purpose, this.take())).flat(),
    );
  }

  private take(): number {
    if (this.next >= this.accounts) throw new Error('there are no accounts left that were not used');
    return this.next++;
  }

  private ofAccount(purpose: ChallengePurpose, index: number): string[] {
    const now = Date.now();
    const challenge = this.sealer.seal({
      id: randomUUID(),
      portal: this.portal,
      account: accountId(index),
      purpose,
      epoch: 0,
      expiresAt: now + CHALLENGE_LASTS_MS,
    });
    const { wrong, right } = codesOf(index, now, WRONG_CODES);
    return [...wrong, right].map((code) => JSON.stringify({ challenge, code }));
  }
}
