import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Origin } from '#libs/event-store/src/decision.js';
import type { PolicyChange } from '../policy/decide.js';
import { Policies } from './policies.js';

/** A setting, the add-on or the identity provider of a portal changes. */
export class ChangePolicy extends Command<void> {
  constructor(
    readonly portal: string,
    readonly change: Exclude<PolicyChange, { type: 'IssueServiceToken' | 'RevokeServiceToken' }>,
    readonly origin: Origin,
  ) {
    super();
  }
}

@CommandHandler(ChangePolicy)
export class ChangePolicyHandler implements ICommandHandler<ChangePolicy> {
  constructor(private readonly policies: Policies) {}

  execute({ portal, change, origin }: ChangePolicy): Promise<void> {
    return this.policies.change(portal, change, origin);
  }
}
