import { LRUCache } from 'lru-cache';
import { adminPolicyRequests } from '#libs/contracts/src/messages/requests.js';
import type { Requests } from '#libs/messaging/src/requests.js';
import type { CallerOf } from './caller.js';

/** Every instance may remember a good token for so long: a revocation waits it out (R28). */
export const REMEMBER_MS = 1_000;

/** Whose service token is this? Asked of admin-policy, remembered for at most a second. */
export class ServiceTokens {
  private readonly known = new LRUCache<string, CallerOf<'service'>>({ max: 1_000, ttl: REMEMBER_MS });
  /** Revocation is final, so a reply that was on its way meanwhile is not believed. */
  private readonly revoked = new LRUCache<string, true>({ max: 10_000 });

  constructor(private readonly requests: Requests) {}

  async find(tokenHash: string): Promise<CallerOf<'service'> | null> {
    const known = this.known.get(tokenHash);
    if (known) return known;
    // From here on: an answer that took its time may be of before a revocation that was waited out meanwhile.
    const start = performance.now();
    const reply = await this.requests.send(adminPolicyRequests.introspectServiceToken, { tokenHash });
    if (reply.status === 'unknown' || this.revoked.has(reply.tokenId)) return null;
    const caller = { kind: 'service', tokenId: reply.tokenId, portal: reply.portal, scopes: reply.scopes } as const;
    this.known.set(tokenHash, caller, { start });
    return caller;
  }

  revoke(tokenId: string): void {
    this.revoked.set(tokenId, true);
    for (const [hash, caller] of this.known.entries()) if (caller.tokenId === tokenId) this.known.delete(hash);
  }
}
