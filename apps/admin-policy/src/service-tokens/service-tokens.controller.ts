import { Controller, Inject } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import type { Clock } from '#libs/platform/src/clock.js';
import { CLOCK } from '#libs/platform/src/tokens.js';
import { adminPolicyEndpoints } from '#libs/contracts/src/http/admin-policy.js';
import { malformed } from '#libs/platform/src/auth/validation.js';
import { Handle, In, type Input } from '#libs/platform/src/http/handle.js';
import { faultOfEd25519Key } from '#libs/secrets/src/signing-keys.js';
import { IssueServiceToken } from './issue-service-token.js';
import { ListServiceTokens } from './list-service-tokens.js';
import { RevokeServiceToken } from './revoke-service-token.js';

const { issueServiceToken, listServiceTokens, revokeServiceToken } = adminPolicyEndpoints;

@Controller()
export class ServiceTokensController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Handle(issueServiceToken)
  issue(@In() { params: { portal }, body, context }: Input<typeof issueServiceToken>) {
    const { publicKey = null } = body;
    const fault = publicKey && faultOfEd25519Key(publicKey.x);
    if (fault !== null) throw malformed([{ field: 'publicKey.x', message: fault }]);
    if (body.expiresAt !== undefined && Date.parse(body.expiresAt) <= this.clock()) {
      throw malformed([{ field: 'expiresAt', message: 'must be in the future' }]);
    }
    return this.commands.execute(new IssueServiceToken({ ...body, portal, publicKey, context }));
  }

  @Handle(listServiceTokens)
  list(@In() { params: { portal }, query }: Input<typeof listServiceTokens>) {
    return this.queries.execute(new ListServiceTokens({ portal, ...query }));
  }

  @Handle(revokeServiceToken)
  async revoke(@In() { params: { portal, token: tokenId }, context }: Input<typeof revokeServiceToken>) {
    await this.commands.execute(new RevokeServiceToken({ portal, tokenId, context }));
  }
}
