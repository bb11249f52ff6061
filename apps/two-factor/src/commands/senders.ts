import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { adminPolicyRequests } from '#libs/contracts/src/messages/requests.js';
import { Requests } from '#libs/messaging/src/requests.js';
import type { Sender } from './signed-command.js';

/** A revoked token is good for no longer than that. */
const TTL_MS = 1_000;

/** Who may send commands, as admin-policy has them. */
@Injectable()
export class Senders {
  readonly #known = new LRUCache<string, { readonly sender: Sender | undefined }>({ max: 1_000, ttl: TTL_MS });

  constructor(private readonly requests: Requests) {}

  /** Undefined: there is no such sender, or no more. @throws Problem `unavailable` */
  readonly of = async (tokenId: string): Promise<Sender | undefined> => {
    const known = this.#known.get(tokenId);
    if (known) return known.sender;
    // An answer that took its time may be older than that already.
    const start = performance.now();
    const reply = await this.requests.send(adminPolicyRequests.describeServiceToken, { tokenId });
    const sender = reply.status === 'active' ? reply : undefined;
    this.#known.set(tokenId, { sender }, { start });
    return sender;
  };
}
