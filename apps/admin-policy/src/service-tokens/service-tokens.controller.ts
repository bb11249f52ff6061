import { Controller } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { adminPolicyEndpoints } from '#libs/contracts/src/http/admin-policy.js';
import { malformed } from '#libs/platform/src/auth/validation.js';
import { Handle, In, type Input } from '#libs/platform/src/http/handle.js';
import { faultOfEd25519Key } from '#libs/secrets/src/signing-keys.js';
import { IssueServiceToken } from './issue-service-token.js';
import { RevokeServiceToken } from './revoke-service-token.js';

const { issueServiceToken, revokeServiceToken } = adminPolicyEndpoints;

@Controller()
export class ServiceTokensController {
  constructor(private readonly commands: CommandBus) {}

  @Handle(issueServiceToken)
  issue(@In() { params: { portal }, body, context }: Input<typeof issueServiceToken>) {
    const { publicKey = null } = body;
    const fault = publicKey && faultOfEd25519Key(publicKey.x);
    if (fault !== null) throw malformed([{ field: 'publicKey.x', message: fault }]);
    return this.commands.execute(new IssueServiceToken({ ...body, portal, publicKey, context }));
  }

  @Handle(revokeServiceToken)
  async revoke(@In() { params: { portal, token: tokenId }, context }: Input<typeof revokeServiceToken>) {
    await this.commands.execute(new RevokeServiceToken({ portal, tokenId, context }));
  }
}
