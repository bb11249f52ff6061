import { Controller } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { identityEndpoints } from '#libs/contracts/src/http/identity.js';
import { Handle, In, type Input } from '#libs/platform/src/http/handle.js';
import { IssuePasswordLink, IssuePasswordLinkHandler } from './issue-password-link.js';
import { RedeemPasswordLink, RedeemPasswordLinkHandler } from './redeem-password-link.js';

const { issuePasswordLink, redeemPasswordLink } = identityEndpoints;

/** What carries these calls out. */
export const passwordLinksHandlers = [IssuePasswordLinkHandler, RedeemPasswordLinkHandler];

/** A password for who has none, or has forgotten it (R43). */
@Controller()
export class PasswordLinksController {
  constructor(private readonly commands: CommandBus) {}

  @Handle(issuePasswordLink)
  issue(@In() { params: { portal, account: accountId }, context }: Input<typeof issuePasswordLink>) {
    return this.commands.execute(new IssuePasswordLink({ account: { portal, accountId }, context }));
  }

  @Handle(redeemPasswordLink)
  async redeem(@In() { body: { token, password }, context }: Input<typeof redeemPasswordLink>) {
    await this.commands.execute(new RedeemPasswordLink({ token, password, context }));
  }
}
