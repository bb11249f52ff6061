import { LRUCache } from 'lru-cache';
import { adminPolicyRequests } from '#libs/contracts/src/messages/requests.js';
import type { Requests } from '#libs/messaging/src/requests.js';
import type { CallerOf } from './caller.js';

/** Every instance may remember a good token for so long: a revocation waits it out (R28). */
export const REMEMBER_MS = 1_000;

/** Whose service token is this? Asked of admin-policy; who asks within a second of another gets the same answer. */
export class ServiceTokens {
  private readonly known = new LRUCache<string, CallerOf<'service'>>({ max: 1_000, ttl: REMEMBER_MS });
  /** Revocation is final, so a reply that was on its way meanwhile is not believed. */
  private readonly revoked = new LRUCache<string, true>({ max: 10_000 });

  /** On their way: a busy gateway has many requests when its token is to be asked for again. */
  private readonly asked = new Map<
    string,
    { readonly start: number; readonly reply: Promise<CallerOf<'service'> | null> }
  >();

  constructor(private readonly requests: Requests) {}

  async find(tokenHash: string): Promise<CallerOf<'service'> | null> {
    const known = this.known.get(tokenHash);
    if (known) return known;
    // From here on: an answer that took its time may be of before a revocation that was waited out meanwhile.
    const start = performance.now();
    const asked = this.asked.get(tokenHash);
    if (asked !== undefined && start - asked.start < REMEMBER_MS) return asked.reply;
    const asking = { start, reply: this.ask(tokenHash, start) };
    this.asked.set(tokenHash, asking);
    try {
      return await asking.reply;
    } finally {
      if (this.asked.get(tokenHash) === asking) this.asked.delete(tokenHash);
    }
  }

  private async ask(tokenHash: string, start: number): Promise<CallerOf<'service'> | null> {
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
