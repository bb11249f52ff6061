import { Injectable } from '@nestjs/common';
import type { Context } from '#libs/contracts/src/context.js';
import { adminPolicyRequests } from '#libs/contracts/src/messages/requests.js';
import { Requests } from '#libs/messaging/src/requests.js';
import { RecentAnswers } from '#libs/platform/src/auth/recent-answers.js';
import { type Sender, verificationKey } from './signed-command.js';

/** Who may send commands, as admin-policy has them. */
@Injectable()
export class Senders {
  readonly #replies = new RecentAnswers<{ readonly sender: Sender | undefined }>(async (tokenId, context) => {
    const reply = await this.requests.send(adminPolicyRequests.describeServiceToken, { tokenId }, context);
    if (reply.status !== 'active') return { sender: undefined };
    const { portal, scopes, publicKey } = reply;
    return { sender: { portal, scopes, key: await verificationKey(publicKey) } };
  });

  constructor(private readonly requests: Requests) {}

  /** Undefined: there is no such sender, or no more. @throws Problem `unavailable` */
  async of(tokenId: string, context: Context): Promise<Sender | undefined> {
    return (await this.#replies.of(tokenId, context)).sender;
  }
}
