import { randomUUID } from 'node:crypto';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Context } from '#libs/contracts/src/context.js';
import type { ClientMetadata } from '#libs/contracts/src/http/clients.js';
import { CommandOf } from '#libs/platform/src/cqrs.js';
import { newToken, tokenHash } from '#libs/secrets/src/tokens.js';
import { Policies } from '../change/policies.js';
import { ClientRecords } from './client-records.js';

interface ClientToRegister {
  readonly portal: string;
  readonly client: ClientMetadata;
  readonly context: Context;
}
interface RegisteredNow {
  readonly clientId: string;
  readonly clientSecret?: string;
}
/** The answer is the only place where the secret stands. */
export class RegisterClient extends CommandOf<ClientToRegister, RegisteredNow> {}

@CommandHandler(RegisterClient)
export class RegisterClientHandler implements ICommandHandler<RegisterClient> {
  constructor(
    private readonly policies: Policies,
    private readonly records: ClientRecords,
  ) {}

  async execute({ input: { portal, client, context } }: RegisterClient): Promise<RegisteredNow> {
    // an unknown portal is refused before anything is kept
    await this.policies.of(portal);
    const clientId = randomUUID();
    const secret = client.public || client.jwks ? undefined : newToken('cls_');
    // opens nothing until the event is in the log
    if (secret !== undefined) await this.records.keepSecret(clientId, tokenHash(secret));
    await this.policies.change(portal, { type: 'RegisterClient', clientId, client }, context);
    return { clientId, ...(secret !== undefined && { clientSecret: secret }) };
  }
}
