import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Context } from '#libs/contracts/src/context.js';
import { CommandOf } from '#libs/platform/src/cqrs.js';
import type { PolicyChange } from '../policy/decide.js';
import type { PortalPolicy } from '../policy/state.js';
import { Policies } from './policies.js';

interface PolicyToChange {
  readonly portal: string;
  readonly change: Exclude<PolicyChange, { type: `${string}ServiceToken` | `${string}Client` | `${string}Sso` }>;
  readonly context: Context;
}
/** A setting or the add-on of a portal changes. */
export class ChangePolicy extends CommandOf<PolicyToChange, PortalPolicy> {}

@CommandHandler(ChangePolicy)
export class ChangePolicyHandler implements ICommandHandler<ChangePolicy> {
  constructor(private readonly policies: Policies) {}

  execute({ input: { portal, change, context } }: ChangePolicy): Promise<PortalPolicy> {
    return this.policies.change(portal, change, context);
  }
}
