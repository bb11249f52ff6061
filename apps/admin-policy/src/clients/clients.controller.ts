import { Controller } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { MessagePattern, Payload } from '@nestjs/microservices';
import type { z } from 'zod';
import { adminPolicyEndpoints } from '#libs/contracts/src/http/admin-policy.js';
import type { PayloadOf } from '#libs/contracts/src/messages/request.js';
import { adminPolicyRequests } from '#libs/contracts/src/messages/requests.js';
import { malformed } from '#libs/platform/src/auth/validation.js';
import { Handle, In, type Input } from '#libs/platform/src/http/handle.js';
import { faultOfKey } from '#libs/secrets/src/signing-keys.js';
import { Policies } from '../change/policies.js';
import { ClientRecords } from './client-records.js';
import { ListClients } from './list-clients.js';
import { RegisterClient } from './register-client.js';
import { RemoveClient } from './remove-client.js';

const { registerClient, listClients, removeClient } = adminPolicyEndpoints;
const { describeClient } = adminPolicyRequests;

/** The applications that a portal's OpenID Provider knows (R35). */
@Controller()
export class ClientsController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Handle(registerClient)
  register(@In() { params: { portal }, body: client, context }: Input<typeof registerClient>) {
    const faults = (client.jwks?.keys ?? []).flatMap((key, at) => {
      const message = faultOfKey(key);
      return message === null ? [] : [{ field: `jwks.keys.${at}`, message }];
    });
    if (faults.length > 0) throw malformed(faults);
    return this.commands.execute(new RegisterClient({ portal, client, context }));
  }

  @Handle(listClients)
  list(@In() { params: { portal }, query }: Input<typeof listClients>) {
    return this.queries.execute(new ListClients({ portal, ...query }));
  }

  @Handle(removeClient)
  async remove(@In() { params: { portal, client: clientId }, context }: Input<typeof removeClient>) {
    await this.commands.execute(new RemoveClient({ portal, clientId, context }));
  }
}

/** How the OpenID Provider learns who a client is. */
@Controller()
export class ClientsMessages {
  constructor(
    private readonly policies: Policies,
    private readonly records: ClientRecords,
  ) {}

  @MessagePattern(describeClient.pattern)
  async describe(
    @Payload() { portal, clientId, secretHash }: PayloadOf<typeof describeClient>,
  ): Promise<z.input<typeof describeClient.reply>> {
    const { clients } = await this.policies.recorded(portal);
    const client = clients.find((one) => one.clientId === clientId);
    if (!client) return { status: 'unknown' };
    if (secretHash !== undefined && !(await this.records.isSecret(clientId, secretHash))) return { status: 'unknown' };
    this.records.noteUse(clientId);
    return { status: 'active', client: client.metadata };
  }
}
