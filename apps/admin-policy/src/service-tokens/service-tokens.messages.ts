import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import type { z } from 'zod';
import type { PayloadOf } from '#libs/contracts/src/messages/request.js';
import { adminPolicyRequests } from '#libs/contracts/src/messages/requests.js';
import { ServiceTokenRecords } from './service-token-records.js';

const { introspectServiceToken, describeServiceToken } = adminPolicyRequests;

/** How the other apps learn whose a service token is. */
@Controller()
export class ServiceTokensMessages {
  constructor(private readonly records: ServiceTokenRecords) {}

  @MessagePattern(introspectServiceToken.pattern)
  async introspect(
    @Payload() { tokenHash }: PayloadOf<typeof introspectServiceToken>,
  ): Promise<z.input<typeof introspectServiceToken.reply>> {
    const token = await this.records.goodByHash(tokenHash);
    if (token === null) return { status: 'unknown' };
    const { tokenId, portal, scopes } = token;
    return { status: 'active', tokenId, portal, scopes: [...scopes] };
  }

  @MessagePattern(describeServiceToken.pattern)
  async describe(
    @Payload() { tokenId }: PayloadOf<typeof describeServiceToken>,
  ): Promise<z.input<typeof describeServiceToken.reply>> {
    const token = await this.records.goodById(tokenId);
    if (token === null) return { status: 'unknown' };
    const { portal, scopes, publicKey } = token;
    return { status: 'active', portal, scopes: [...scopes], publicKey };
  }
}
