import type { Endpoint } from '#libs/contracts/src/http/endpoint.js';
import { identityRequests } from '#libs/contracts/src/messages/requests.js';
import { externalIdOf } from '#libs/contracts/src/primitives.js';
import { Problem } from '#libs/contracts/src/problems.js';
import type { Requests } from '#libs/messaging/src/requests.js';
import type { Input } from '../http/handle.js';

/** Members of a request that name an account. */
interface Naming {
  account?: string | undefined;
  accountId?: string | undefined;
}

/**
 * Accounts that are named by a gateway's own id (R32): found once, at the entrance, so that all behind it know ids alone. Where
 * the contract says `accountName`, a name has that form; where it says `opaqueId`, none is an external one.
 */
export class NamedAccounts {
  constructor(private readonly requests: Pick<Requests, 'send'>) {}

  /** Puts ids in the places of names. @throws Problem `not-found` the portal has no such account */
  async resolve(input: Input<Endpoint>): Promise<void> {
    const { portal } = input.params as { portal?: string };
    if (portal === undefined) return;
    for (const part of [input.params, input.query, input.body] as (Naming | undefined)[]) {
      for (const member of ['account', 'accountId'] as const) {
        const external = part?.[member] === undefined ? undefined : externalIdOf(part[member]);
        if (external !== undefined) part![member] = await this.find(portal, external, input);
      }
    }
  }

  private async find(portal: string, externalId: string, { context }: Input<Endpoint>): Promise<string> {
    const { accountId } = await this.requests.send(identityRequests.resolveAccount, { portal, externalId }, context);
    if (accountId === null) throw new Problem('not-found', 'There is no such account in the portal.');
    return accountId;
  }
}
