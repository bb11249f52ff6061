import { Controller } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import type { Context } from '#libs/contracts/src/context.js';
import { identityEndpoints } from '#libs/contracts/src/http/identity.js';
import type { PayloadOf } from '#libs/contracts/src/messages/request.js';
import { identityRequests } from '#libs/contracts/src/messages/requests.js';
import { Handle, In, type Input } from '#libs/platform/src/http/handle.js';
import { ResumeAccount, ResumeAccountHandler } from './resume-account.js';
import { SuspendAccount, SuspendAccountHandler } from './suspend-account.js';

const { suspendAccount, resumeAccount } = identityEndpoints;

/** What carries these calls out. */
export const suspensionHandlers = [SuspendAccountHandler, ResumeAccountHandler];

/** By administrators and by tools of scope `accounts` (R41). */
@Controller()
export class SuspensionController {
  constructor(private readonly commands: CommandBus) {}

  @Handle(suspendAccount)
  suspend(@In() { params: { portal, account: accountId }, context }: Input<typeof suspendAccount>) {
    return this.commands.execute(new SuspendAccount({ account: { portal, accountId }, context }));
  }

  @Handle(resumeAccount)
  resume(@In() { params: { portal, account: accountId }, context }: Input<typeof resumeAccount>) {
    return this.commands.execute(new ResumeAccount({ account: { portal, accountId }, context }));
  }
}

/** The same, asked by two-factor for commands on the bus, whose senders it has proved. */
@Controller()
export class SuspensionMessages {
  constructor(private readonly commands: CommandBus) {}

  @MessagePattern(identityRequests.suspendAccount.pattern)
  suspend(@Payload() account: PayloadOf<typeof identityRequests.suspendAccount>, @Ctx() context: Context) {
    return this.commands.execute(new SuspendAccount({ account, context: asCommand(context, 'suspend') }));
  }

  @MessagePattern(identityRequests.resumeAccount.pattern)
  resume(@Payload() account: PayloadOf<typeof identityRequests.resumeAccount>, @Ctx() context: Context) {
    return this.commands.execute(new ResumeAccount({ account, context: asCommand(context, 'resume') }));
  }
}

/** One that was recorded, and is delivered again since its answer was lost, does not undo what others have done meanwhile. */
function asCommand(context: Context, digest: string): Context {
  const { actor, causationId } = context;
  if (actor.kind !== 'service' || causationId === undefined) return context;
  return { ...context, command: { id: `${actor.id}/${causationId}`, digest } };
}
