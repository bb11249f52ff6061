import { QueryOf } from '#libs/platform/src/cqrs.js';
import { type Context } from '#libs/contracts/src/context.js';
import { type IQueryHandler, QueryHandler } from '@nestjs/cqrs';
import type { Account } from '#libs/contracts/src/http/identity.js';
import { Problem } from '#libs/contracts/src/problems.js';
import { Descriptions } from '../registry/descriptions.js';
import type { PageQuery } from '../registry/directory-index.js';
import { Directory } from '../registry/directory.js';
import { ExternalIds } from '../registry/external-ids.js';
import { Portals } from '../registry/portals.js';

interface AskedPage extends Omit<PageQuery, 'without'> {
  readonly externalId?: string | undefined;
}
interface PageOfAccounts {
  readonly portal: string;
  readonly page: AskedPage;
  readonly context: Context;
}
export class ListAccounts extends QueryOf<PageOfAccounts, { accounts: Account[]; next: string | null }> {}

@QueryHandler(ListAccounts)
export class ListAccountsHandler implements IQueryHandler<ListAccounts> {
  constructor(
    private readonly portals: Portals,
    private readonly directory: Directory,
    private readonly externalIds: ExternalIds,
    private readonly descriptions: Descriptions,
  ) {}

  async execute({ input: { portal, page, context } }: ListAccounts) {
    await this.portals.mustExist(portal);
    const found = await this.directory.list(portal, await this.chosen(portal, page, context));
    if (!found) {
      throw new Problem('malformed-request', 'The page does not exist.', {
        errors: [{ field: 'after', message: 'is not the `next` value of a page' }],
      });
    }
    const { entries, more } = found;
    const accounts = await this.descriptions.describeAll(portal, entries, context);
    return { accounts, next: more ? (entries.at(-1)?.accountId ?? null) : null };
  }

  private async chosen(portal: string, { externalId, ...page }: AskedPage, { actor }: Context): Promise<PageQuery> {
    // administrators are no affair of a service
    const without = actor.kind === 'service' ? (await this.portals.state(portal)).administrators : [];
    if (externalId === undefined) return { ...page, without };
    const found = await this.externalIds.find(portal, externalId);
    const ids = found && (page.ids?.includes(found.accountId) ?? true) ? [found.accountId] : [];
    return { ...page, ids, without };
  }
}
