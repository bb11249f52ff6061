import { Controller, Inject } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import { actingAs, type Context } from '#libs/contracts/src/context.js';
import { identityRequests } from '#libs/contracts/src/messages/requests.js';
import { commandsPattern, type SignedCommand } from '#libs/messaging/src/commands.js';
import { Requests } from '#libs/messaging/src/requests.js';
import type { Clock } from '#libs/platform/src/clock.js';
import { CLOCK } from '#libs/platform/src/tokens.js';
import { ChallengeSealer } from '../challenge/sealed-challenge.js';
import { DisableForUser } from '../disable/disable-for-user.js';
import { Unlock } from '../unlock/unlock.js';
import { OpenChallenge, toGateway } from '../verify/open-challenge.js';
import { VerifyChallenge } from '../verify/verify-challenge.js';
import { SeenCommands } from './seen-commands.js';
import { Senders } from './senders.js';
import { prove, type ProvedCommand, refusal } from './signed-command.js';

/** Longer than identity waits until a change is in effect (R28). */
const CHANGE_WAIT_MS = 8_000;

/** Commands from outside, signed with the key of a service token: they end where those over HTTP do, those of accounts in identity. */
@Controller()
export class SignedCommands {
  constructor(
    private readonly commands: CommandBus,
    private readonly senders: Senders,
    private readonly seen: SeenCommands,
    private readonly sealer: ChallengeSealer,
    private readonly requests: Requests,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @MessagePattern(commandsPattern('two-factor'))
  async take(@Payload() signed: SignedCommand, @Ctx() context: Context): Promise<unknown> {
    const command = await prove(signed, this.clock(), (tokenId) => this.senders.of(tokenId, context));
    this.refuseForeignChallenge(command);
    const holdsChallenge = command.payload.type === 'two-factor.challenge.open';
    return this.seen.once(command, () => this.#carryOut(command, context), !holdsChallenge);
  }

  /** What is not a challenge at all is answered as one that has ended. */
  private refuseForeignChallenge({ payload }: ProvedCommand): void {
    if (payload.type !== 'two-factor.challenge.verify') return;
    const opened = this.sealer.open(payload.challenge);
    if (opened && (opened.portal !== payload.portal || opened.account !== payload.accountId)) {
      throw refusal('challenge');
    }
  }

  async #carryOut({ tokenId, payload, digest }: ProvedCommand, unproved: Context): Promise<unknown> {
    const { portal, accountId } = payload;
    const account = { portal, accountId };
    const purpose = { kind: 'gateway', serviceId: tokenId, portal } as const;
    const id = `${tokenId}/${payload.jti}`;
    const by = actingAs(unproved, { kind: 'service', id: tokenId });
    const context: Context = { ...by, causationId: payload.jti, command: { id, digest } };
    switch (payload.type) {
      case 'two-factor.user.unlock':
        await this.commands.execute(new Unlock({ account, context }));
        return { status: 'active' };
      case 'two-factor.user.disable':
        await this.commands.execute(new DisableForUser({ account, context }));
        return { status: 'none' };
      case 'two-factor.account.suspend':
        return this.requests.send(identityRequests.suspendAccount, account, context, { timeoutMs: CHANGE_WAIT_MS });
      case 'two-factor.account.resume':
        return this.requests.send(identityRequests.resumeAccount, account, context, { timeoutMs: CHANGE_WAIT_MS });
      case 'two-factor.account.delete':
        return this.requests.send(identityRequests.deleteAccount, account, context, { timeoutMs: CHANGE_WAIT_MS });
      case 'two-factor.challenge.open':
        return toGateway(await this.commands.execute(new OpenChallenge({ account, purpose, context })));
      case 'two-factor.challenge.verify': {
        const { challenge } = payload;
        const typed =
          'code' in payload && payload.code !== undefined ? { code: payload.code } : { backupCode: payload.backupCode };
        const passed = await this.commands.execute(new VerifyChallenge({ challenge, purpose, typed, context }));
        const { method, backupCodesLeft } = passed;
        return {
          passed: true,
          accountId: passed.accountId,
          method,
          ...(backupCodesLeft !== undefined && { backupCodesLeft }),
        };
      }
      default:
        return payload satisfies never;
    }
  }
}
