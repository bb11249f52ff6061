import { Controller } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { adminPolicyEndpoints } from '#libs/contracts/src/http/admin-policy.js';
import type { ReplyOf } from '#libs/contracts/src/http/endpoint.js';
import { malformed } from '#libs/platform/src/auth/validation.js';
import { Handle, In, type Input } from '#libs/platform/src/http/handle.js';
import { faultOfEd25519Key } from '#libs/secrets/src/signing-keys.js';
import { originOf } from '../change/origin.js';
import { IssueServiceToken } from './issue-service-token.js';
import { RevokeServiceToken } from './revoke-service-token.js';

@Controller()
export class ServiceTokensController {
  constructor(private readonly commands: CommandBus) {}

  @Handle(adminPolicyEndpoints.issueServiceToken)
  issue(
    @In() input: Input<typeof adminPolicyEndpoints.issueServiceToken>,
  ): Promise<ReplyOf<typeof adminPolicyEndpoints.issueServiceToken>> {
    const { name, scopes, publicKey = null } = input.body;
    const fault = publicKey && faultOfEd25519Key(publicKey.x);
    if (fault !== null) throw malformed([{ field: 'publicKey.x', message: fault }]);
    const request = { portal: input.params.portal, name, scopes, publicKey };
    return this.commands.execute(new IssueServiceToken(request, originOf(input)));
  }

  @Handle(adminPolicyEndpoints.revokeServiceToken)
  async revoke(@In() input: Input<typeof adminPolicyEndpoints.revokeServiceToken>): Promise<void> {
    const { portal, token } = input.params;
    await this.commands.execute(new RevokeServiceToken(portal, token, originOf(input)));
  }
}
