import { Controller } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import type { Context } from '#libs/contracts/src/context.js';
import type { PayloadOf } from '#libs/contracts/src/messages/request.js';
import { twoFactorRequests } from '#libs/contracts/src/messages/requests.js';
import { proofOf } from './change/own-change.js';
import { DisableForUser, DisableForUserHandler } from './disable/disable-for-user.js';
import { ImportSecondFactor, ImportSecondFactorHandler } from './import/import-second-factor.js';
import { DescribeAccounts, DescribeAccountsHandler } from './status/describe.js';
import { Unlock, UnlockHandler } from './unlock/unlock.js';
import { OpenChallenge, OpenChallengeHandler } from './verify/open-challenge.js';
import { RequireProof, RequireProofHandler } from './verify/require-proof.js';
import { VerifyChallenge, VerifyChallengeHandler } from './verify/verify-challenge.js';
import { VerifyProof, VerifyProofHandler } from './verify/verify-proof.js';

const requests = twoFactorRequests;

/** What carries these calls out. */
export const accountHandlers = [
  OpenChallengeHandler,
  VerifyChallengeHandler,
  VerifyProofHandler,
  RequireProofHandler,
  ImportSecondFactorHandler,
  UnlockHandler,
  DisableForUserHandler,
  DescribeAccountsHandler,
];

/** What the other apps ask, who have proved who acts. */
@Controller()
export class TwoFactorMessages {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @MessagePattern(requests.openChallenge.pattern)
  open(
    @Payload() { purpose, browserEpoch, ...account }: PayloadOf<typeof requests.openChallenge>,
    @Ctx() context: Context,
  ) {
    return this.commands.execute(new OpenChallenge({ account, purpose, browserEpoch, context }));
  }

  @MessagePattern(requests.verifyChallenge.pattern)
  verify(
    @Payload() { challenge, purpose, ...typed }: PayloadOf<typeof requests.verifyChallenge>,
    @Ctx() context: Context,
  ) {
    return this.commands.execute(new VerifyChallenge({ challenge, purpose, typed, context }));
  }

  @MessagePattern(requests.verifyProof.pattern)
  verifyProof(
    @Payload() { portal, accountId, sessionId, ...typed }: PayloadOf<typeof requests.verifyProof>,
    @Ctx() context: Context,
  ) {
    return this.commands.execute(new VerifyProof({ account: { portal, accountId }, sessionId, typed, context }));
  }

  @MessagePattern(requests.requireProof.pattern)
  requireProof(
    @Payload() { portal, accountId, ...session }: PayloadOf<typeof requests.requireProof>,
    @Ctx() context: Context,
  ) {
    return this.commands.execute(
      new RequireProof({ account: { portal, accountId }, proof: proofOf(session), context }),
    );
  }

  @MessagePattern(requests.importSecondFactor.pattern)
  async import(
    @Payload() { portal, accountId, importId, authenticators }: PayloadOf<typeof requests.importSecondFactor>,
    @Ctx() context: Context,
  ) {
    const decoded = authenticators.map((each) => ({ ...each, secret: Buffer.from(each.secret, 'base64url') }));
    const account = { portal, accountId };
    await this.commands.execute(new ImportSecondFactor({ account, importId, authenticators: decoded, context }));
    return {};
  }

  @MessagePattern(requests.unlockUser.pattern)
  async unlock(@Payload() account: PayloadOf<typeof requests.unlockUser>, @Ctx() context: Context) {
    await this.commands.execute(new Unlock({ account, context }));
    return { status: 'active' };
  }

  @MessagePattern(requests.disableUser.pattern)
  async disable(@Payload() account: PayloadOf<typeof requests.disableUser>, @Ctx() context: Context) {
    await this.commands.execute(new DisableForUser({ account, context }));
    return { status: 'none' };
  }

  @MessagePattern(requests.describeAccounts.pattern)
  async describe(@Payload() asked: PayloadOf<typeof requests.describeAccounts>) {
    return { accounts: await this.queries.execute(new DescribeAccounts(asked)) };
  }
}
