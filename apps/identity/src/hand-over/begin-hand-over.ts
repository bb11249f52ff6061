import { Inject } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Context } from '#libs/contracts/src/context.js';
import { twoFactorRequests } from '#libs/contracts/src/messages/requests.js';
import { VOUCHED_WITHIN_MS } from '#libs/contracts/src/limits.js';
import { externalIdOf, type HandOverPurpose } from '#libs/contracts/src/primitives.js';
import { Problem } from '#libs/contracts/src/problems.js';
import type { AccountRef } from '#libs/contracts/src/stream.js';
import { Requests } from '#libs/messaging/src/requests.js';
import type { Clock } from '#libs/platform/src/clock.js';
import { CommandOf } from '#libs/platform/src/cqrs.js';
import { CLOCK } from '#libs/platform/src/tokens.js';
import { LoginOutcomes } from '../login/login-outcomes.js';
import { Accounts } from '../registry/accounts.js';
import { ExternalIds } from '../registry/external-ids.js';
import { Portals } from '../registry/portals.js';
import { SessionIssuer } from '../sessions/session-issuer.js';
import { SessionStore } from '../sessions/session-store.js';

export interface PersonToHandOver {
  readonly portal: string;
  /** Its id, or `external:` and the gateway's own (R32). */
  readonly account: string;
  readonly clientId: string;
  readonly purpose: HandOverPurpose;
  /** When the gateway has proved the first factor, milliseconds. */
  readonly provedAt: number;
  readonly context: Context;
}
interface HandedOver {
  readonly status: 'handed-over';
  readonly accountId: string;
  readonly sessionId: string;
  readonly accessToken: string;
}
export class BeginHandOver extends CommandOf<PersonToHandOver, HandedOver> {}

/**
 * By the word of a gateway that its client is allowed to give (R34): a session that can do with the person's second factor what
 * they were handed over for, and nothing else. The time of grace begins as at a login (R37).
 */
@CommandHandler(BeginHandOver)
export class BeginHandOverHandler implements ICommandHandler<BeginHandOver> {
  constructor(
    private readonly accounts: Accounts,
    private readonly externalIds: ExternalIds,
    private readonly portals: Portals,
    private readonly sessions: SessionStore,
    private readonly requests: Requests,
    private readonly issuer: SessionIssuer,
    private readonly outcomes: LoginOutcomes,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @throws Problem `not-found`, `invalid-credentials` the proof is too old, `account-suspended`, `account-locked` */
  execute({ input: { portal, account: name, clientId, purpose, provedAt, context } }: BeginHandOver) {
    return this.outcomes.count('hand-over', async () => {
      const passwordAt = Math.min(provedAt, this.clock());
      // as far ahead, the clock was set back since
      if (Math.abs(this.clock() - provedAt) > VOUCHED_WITHIN_MS)
        throw new Problem('invalid-credentials', 'It was too long ago.');
      const account = await this.find(portal, name);
      const epoch = await this.sessions.epoch(account);
      const opening = { ...account, purpose: { kind: 'login' as const } };
      await this.requests.send(twoFactorRequests.openChallenge, opening, context);
      const { sessionId, accessToken } = await this.issuer.begin(account, {
        session: {
          method: 'hand-over',
          proof: { passwordAt, handedOver: true, authenticatorId: null },
          handOver: purpose,
          clientId,
        },
        ...{ epoch, context },
        record: async (id, by) => {
          const handOver = { clientId, purpose, sessionId: id, provedAt: new Date(provedAt).toISOString() };
          await this.accounts.execute(account, by, { type: 'RecordHandOver', handOver });
        },
      });
      return { status: 'handed-over' as const, accountId: account.accountId, sessionId, accessToken };
    });
  }

  /** The same for one that there is not, and one that is not handed over. */
  private async find(portal: string, name: string): Promise<AccountRef> {
    const external = externalIdOf(name);
    const account =
      external === undefined ? { portal, accountId: name } : await this.externalIds.find(portal, external);
    const { profile = null, deleted = false } = account ? await this.accounts.state(account) : {};
    if (!account || profile?.passwordId !== null || deleted) throw notHandedOver();
    if (await this.portals.isAdministrator(account)) throw notHandedOver();
    return { portal, accountId: account.accountId };
  }
}

const notHandedOver = () => new Problem('not-found', 'The portal has no such account that can be handed over.');
