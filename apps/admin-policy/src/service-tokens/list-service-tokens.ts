import { type IQueryHandler, QueryHandler } from '@nestjs/cqrs';
import type { ReplyOf } from '#libs/contracts/src/http/endpoint.js';
import { adminPolicyEndpoints } from '#libs/contracts/src/http/admin-policy.js';
import { QueryOf } from '#libs/platform/src/cqrs.js';
import { malformed } from '#libs/platform/src/auth/validation.js';
import { Policies } from '../change/policies.js';
import { ServiceTokenRecords } from './service-token-records.js';

interface PageOfTokens {
  readonly portal: string;
  readonly after?: string | undefined;
  readonly limit: number;
}
type Listed = ReplyOf<typeof adminPolicyEndpoints.listServiceTokens>;

/** The service tokens of a portal, which say who may do what and since when it did nothing; never a token. */
export class ListServiceTokens extends QueryOf<PageOfTokens, Listed> {}

@QueryHandler(ListServiceTokens)
export class ListServiceTokensHandler implements IQueryHandler<ListServiceTokens> {
  constructor(
    private readonly policies: Policies,
    private readonly records: ServiceTokenRecords,
  ) {}

  async execute({ input: { portal, after, limit } }: ListServiceTokens): Promise<Listed> {
    const { serviceTokens } = await this.policies.of(portal);
    const last = serviceTokens.findIndex(({ tokenId }) => tokenId === after);
    if (after !== undefined && last < 0) {
      throw malformed([{ field: 'after', message: 'is not the `next` value of a page' }]);
    }
    const page = serviceTokens.slice(last + 1, last + 1 + limit);
    const uses = await this.records.lastUses(page.map(({ tokenId }) => tokenId));
    return {
      serviceTokens: page.map(({ tokenId: id, name, scopes, publicKey, issuedAt, expiresAt }, index) => ({
        ...{ id, name, scopes: [...scopes], publicKey },
        issuedAt: timeOf(issuedAt),
        ...(expiresAt !== null && { expiresAt: timeOf(expiresAt) }),
        ...(uses[index] !== undefined && { lastUsedAt: timeOf(uses[index]) }),
      })),
      next: last + 1 + limit < serviceTokens.length ? (page.at(-1)?.tokenId ?? null) : null,
    };
  }
}

const timeOf = (ms: number): string => new Date(ms).toISOString();
