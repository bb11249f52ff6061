import { randomUUID } from 'node:crypto';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Context } from '#libs/contracts/src/context.js';
import { CommandOf } from '#libs/platform/src/cqrs.js';
import { newToken, tokenHash } from '#libs/secrets/src/tokens.js';
import { Policies } from '../change/policies.js';
import { type ServiceToken, ServiceTokenRecords } from './service-token-records.js';

interface ServiceTokenToIssue extends Omit<ServiceToken, 'tokenId'> {
  /** Undefined: it does not expire. */
  readonly expiresAt?: string | undefined;
  readonly context: Context;
}
/** The answer is the only place where the token stands. */
export class IssueServiceToken extends CommandOf<ServiceTokenToIssue, { id: string; token: string }> {}

@CommandHandler(IssueServiceToken)
export class IssueServiceTokenHandler implements ICommandHandler<IssueServiceToken> {
  constructor(
    private readonly policies: Policies,
    private readonly records: ServiceTokenRecords,
  ) {}

  async execute({
    input: { context, expiresAt, ...request },
  }: IssueServiceToken): Promise<{ id: string; token: string }> {
    const { portal, name, scopes, publicKey } = request;
    // An unknown portal is refused before anything is kept.
    await this.policies.of(portal);
    const tokenId = randomUUID();
    const token = newToken('svc_');
    // The record opens nothing until the event is in the log, so a crash between the two leaves no token that works.
    await this.records.keep(tokenHash(token), { tokenId, ...request });
    const change = {
      type: 'IssueServiceToken',
      tokenId,
      name,
      scopes,
      publicKey: publicKey !== null,
      expiresAt,
    } as const;
    await this.policies.change(portal, change, context);
    return { id: tokenId, token };
  }
}
