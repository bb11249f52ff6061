import { type IQueryHandler, QueryHandler } from '@nestjs/cqrs';
import type { ReplyOf } from '#libs/contracts/src/http/endpoint.js';
import type { identityEndpoints } from '#libs/contracts/src/http/identity.js';
import type { AccountRef } from '#libs/contracts/src/stream.js';
import { QueryOf } from '#libs/platform/src/cqrs.js';
import { Accounts } from '../registry/accounts.js';
import { SessionStore } from '../sessions/session-store.js';
import { RememberedBrowsers } from './remembered-browsers.js';

interface BrowsersToList {
  readonly account: AccountRef;
  /** The session that asks, if it is one. */
  readonly sessionId: string | undefined;
}
type ListedBrowsers = ReplyOf<typeof identityEndpoints.listBrowsers>;

/** The remembered browsers of an account, the last used first (R39, R44). */
export class ListBrowsers extends QueryOf<BrowsersToList, ListedBrowsers> {}

@QueryHandler(ListBrowsers)
export class ListBrowsersHandler implements IQueryHandler<ListBrowsers> {
  constructor(
    private readonly accounts: Accounts,
    private readonly sessions: SessionStore,
    private readonly browsers: RememberedBrowsers,
  ) {}

  async execute({ input: { account, sessionId } }: ListBrowsers): Promise<ListedBrowsers> {
    await this.accounts.get(account);
    const own = sessionId === undefined ? undefined : await this.sessions.findOpen(account, sessionId);
    const listed = await this.browsers.list(account);
    return {
      browsers: listed.map(({ browserId, rememberedAt, lastUsedAt, endsAt, client }) => ({
        id: browserId,
        createdAt: timestampOf(rememberedAt),
        lastSeenAt: timestampOf(lastUsedAt),
        expiresAt: timestampOf(endsAt),
        ...(client?.address !== undefined && { address: client.address }),
        ...(client?.userAgent !== undefined && { userAgent: client.userAgent }),
        ...(own?.session.browserId === browserId && { current: true as const }),
      })),
    };
  }
}

const timestampOf = (at: number): string => new Date(at).toISOString();
