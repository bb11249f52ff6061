import { type IQueryHandler, QueryHandler } from '@nestjs/cqrs';
import { adminPolicyEndpoints } from '#libs/contracts/src/http/admin-policy.js';
import type { ReplyOf } from '#libs/contracts/src/http/endpoint.js';
import { QueryOf } from '#libs/platform/src/cqrs.js';
import { malformed } from '#libs/platform/src/auth/validation.js';
import { Policies } from '../change/policies.js';
import { ClientRecords } from './client-records.js';

interface PageOfClients {
  readonly portal: string;
  readonly after?: string | undefined;
  readonly limit: number;
}
type Listed = ReplyOf<typeof adminPolicyEndpoints.listClients>;

/** The clients of a portal's OpenID Provider, without their secrets. */
export class ListClients extends QueryOf<PageOfClients, Listed> {}

@QueryHandler(ListClients)
export class ListClientsHandler implements IQueryHandler<ListClients> {
  constructor(
    private readonly policies: Policies,
    private readonly records: ClientRecords,
  ) {}

  async execute({ input: { portal, after, limit } }: ListClients): Promise<Listed> {
    const { clients } = await this.policies.of(portal);
    const last = clients.findIndex(({ clientId }) => clientId === after);
    if (after !== undefined && last < 0) {
      throw malformed([{ field: 'after', message: 'is not the `next` value of a page' }]);
    }
    const page = clients.slice(last + 1, last + 1 + limit);
    const uses = await this.records.lastUses(page.map(({ clientId }) => clientId));
    return {
      clients: page.map(({ clientId, registeredAt, metadata }, index) => ({
        clientId,
        name: metadata.name,
        redirectUris: [...metadata.redirectUris],
        postLogoutRedirectUris: [...(metadata.postLogoutRedirectUris ?? [])],
        public: metadata.public ?? false,
        jwks: metadata.jwks !== undefined,
        vouches: metadata.vouches ?? false,
        registeredAt: timeOf(registeredAt),
        ...(uses[index] !== undefined && { lastUsedAt: timeOf(uses[index]) }),
      })),
      next: last + 1 + limit < clients.length ? (page.at(-1)?.clientId ?? null) : null,
    };
  }
}

const timeOf = (ms: number): string => new Date(ms).toISOString();
