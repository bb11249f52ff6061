import { Injectable } from '@nestjs/common';
import { adminPolicyRequests } from '#libs/contracts/src/messages/requests.js';
import { Requests } from '#libs/messaging/src/requests.js';
import { RecentAnswers } from '#libs/platform/src/auth/recent-answers.js';
import type { Sender } from './signed-command.js';

/** Who may send commands, as admin-policy has them. */
@Injectable()
export class Senders {
  readonly #replies = new RecentAnswers((tokenId) =>
    this.requests.send(adminPolicyRequests.describeServiceToken, { tokenId }),
  );

  constructor(private readonly requests: Requests) {}

  /** Undefined: there is no such sender, or no more. @throws Problem `unavailable` */
  readonly of = async (tokenId: string): Promise<Sender | undefined> => {
    const reply = await this.#replies.of(tokenId);
    return reply.status === 'active' ? reply : undefined;
  };
}
