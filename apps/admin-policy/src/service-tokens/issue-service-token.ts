import { randomUUID } from 'node:crypto';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Origin } from '#libs/event-store/src/decision.js';
import { newToken, tokenHash } from '#libs/secrets/src/tokens.js';
import { Policies } from '../change/policies.js';
import { type ServiceToken, ServiceTokenRecords } from './service-token-records.js';

/** The answer is the only place where the token stands. */
export class IssueServiceToken extends Command<{ id: string; token: string }> {
  constructor(
    readonly request: Omit<ServiceToken, 'tokenId'>,
    readonly origin: Origin,
  ) {
    super();
  }
}

@CommandHandler(IssueServiceToken)
export class IssueServiceTokenHandler implements ICommandHandler<IssueServiceToken> {
  constructor(
    private readonly policies: Policies,
    private readonly records: ServiceTokenRecords,
  ) {}

  async execute({ request, origin }: IssueServiceToken): Promise<{ id: string; token: string }> {
    const { portal, name, scopes, publicKey } = request;
    // An unknown portal is refused before anything is kept.
    await this.policies.of(portal);
    const tokenId = randomUUID();
    const token = newToken('svc_');
    // The record opens nothing until the event is in the log, so a crash between the two leaves no token that works.
    await this.records.keep(tokenHash(token), { tokenId, ...request });
    const change = { type: 'IssueServiceToken', tokenId, name, scopes, publicKey: publicKey !== null } as const;
    await this.policies.change(portal, change, origin);
    return { id: tokenId, token };
  }
}
