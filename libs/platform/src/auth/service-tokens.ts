import type { z } from 'zod';
import { lruOf } from '#libs/engine/src/lru.js';
import type { Context } from '#libs/contracts/src/context.js';
import { adminPolicyRequests } from '#libs/contracts/src/messages/requests.js';
import type { Requests } from '#libs/messaging/src/requests.js';
import type { CallerOf } from './caller.js';
import { RecentAnswers } from './recent-answers.js';

type Reply = z.output<(typeof adminPolicyRequests)['introspectServiceToken']['reply']>;
type Good = Extract<Reply, { status: 'active' }>;

/** Whose service token is this? Asked of admin-policy. */
export class ServiceTokens {
  /** Revocation is final, so a reply that was on its way meanwhile is not believed. */
  private readonly revoked = lruOf<true>(10_000);
  private readonly replies: RecentAnswers<Reply>;

  constructor(requests: Requests) {
    // an unknown token may be known a moment later
    this.replies = new RecentAnswers<Reply>(
      (tokenHash, context) => requests.send(adminPolicyRequests.introspectServiceToken, { tokenHash }, context),
      (reply) => this.isGood(reply),
    );
  }

  async find(tokenHash: string, context: Context): Promise<CallerOf<'service'> | null> {
    const reply = await this.replies.of(tokenHash, context);
    if (!this.isGood(reply)) return null;
    return { kind: 'service', tokenId: reply.tokenId, portal: reply.portal, scopes: reply.scopes };
  }

  revoke(tokenId: string): void {
    this.revoked.set(tokenId, true);
  }

  private isGood(reply: Reply): reply is Good {
    return reply.status === 'active' && !this.revoked.has(reply.tokenId);
  }
}
