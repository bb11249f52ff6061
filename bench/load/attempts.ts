import { ChallengeSealer, sealingLike } from '../insides.js';
import { accountId, codesOf } from '../seed/accounts.js';
import type { Portal } from '../seed/portal.js';
import { configFor } from '../seed/stores.js';

/**
 * The bodies of requests that verify: for each connection, one account after the other with wrong codes and then a right one.
 * Takes each account once. To be sent within half a minute, after which the right codes are wrong.
 */
export class Attempts {
  private readonly seal: Readonly<Record<keyof Portal['challenges'], (account: string) => string>>;
  private next = 0;

  /** @param env with the keys of the product that is to open the challenges */
  constructor(
    env: NodeJS.ProcessEnv,
    { challenges }: Portal,
    private readonly accounts: number,
  ) {
    const sealer = new ChallengeSealer(configFor(env).vaultKeys);
    this.seal = { gateway: sealingLike(sealer, challenges.gateway), login: sealingLike(sealer, challenges.login) };
  }

  bodies(purpose: keyof Portal['challenges'], connections: number, accountsOfEach: number): string[][] {
    return Array.from({ length: connections }, () =>
      Array.from({ length: accountsOfEach }, () => this.ofAccount(purpose, this.take())).flat(),
    );
  }

  private take(): number {
    if (this.next >= this.accounts) throw new Error('there are no accounts left that were not used');
    return this.next++;
  }

  private ofAccount(purpose: keyof Portal['challenges'], index: number): string[] {
    const challenge = this.seal[purpose](accountId(index));
    const { wrong, right } = codesOf(index, Date.now());
    return [...wrong, right].map((code) => JSON.stringify({ challenge, code }));
  }
}
