import { QueryOf } from '#libs/platform/src/cqrs.js';
import { type Context } from '#libs/contracts/src/context.js';
import { type IQueryHandler, QueryHandler } from '@nestjs/cqrs';
import type { Account } from '#libs/contracts/src/http/identity.js';
import { Descriptions } from '../registry/descriptions.js';
import type { Filter } from '../directory/directory-index.js';
import { type AskedPage, Directory } from '../directory/directory.js';
import { enrolmentDue } from '../enrolment/due.js';
import { Requirements } from '../enrolment/requirements.js';
import { ExternalIds } from '../registry/external-ids.js';
import { Portals } from '../registry/portals.js';

interface PageOfAccounts {
  readonly portal: string;
  readonly page: AskedPage & { readonly externalId?: string | undefined };
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
    private readonly requirements: Requirements,
  ) {}

  async execute({ input: { portal, page, context } }: ListAccounts) {
    await this.portals.mustExist(portal);
    const dueAt = await this.requirements.dueAt(portal);
    const asked = { ...(await this.chosen(portal, page, context)), dueAt };
    const { entries, next } = await this.directory.list(portal, asked);
    const accounts = await this.descriptions.describeAll(portal, entries, context);
    return { accounts: accounts.filter((account) => fits(account, page.filter, dueAt)), next };
  }

  private async chosen(portal: string, page: PageOfAccounts['page'], { actor }: Context): Promise<AskedPage> {
    const { externalId, ...asked } = page;
    // administrators are no affair of a service
    const without = actor.kind === 'service' ? (await this.portals.state(portal)).administrators : [];
    if (externalId === undefined) return { ...asked, without };
    const found = await this.externalIds.find(portal, externalId);
    const ids = found && (asked.ids?.includes(found.accountId) ?? true) ? [found.accountId] : [];
    return { ...asked, ids, without };
  }
}

/** Two-factor's events are adopted a moment later: what it says itself has the last word. */
function fits(account: Account, { status, twoFactor, required }: Filter = {}, dueAt: number | null): boolean {
  const { type, twoFactor: of, graceEndsAt: end } = account;
  const due = () =>
    enrolmentDue({ type, enrolment: of.status, graceEndsAt: end === undefined ? null : Date.parse(end) }, dueAt);
  return (
    (status === undefined || status === account.status) &&
    (twoFactor === undefined || twoFactor === of.status) &&
    (required === undefined || required === due())
  );
}
