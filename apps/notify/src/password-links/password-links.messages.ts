import { randomUUID } from 'node:crypto';
import { Controller } from '@nestjs/common';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import type { Context } from '#libs/contracts/src/context.js';
import type { PayloadOf } from '#libs/contracts/src/messages/request.js';
import { notifyRequests } from '#libs/contracts/src/messages/requests.js';
import { Problem } from '#libs/contracts/src/problems.js';
import { Metrics } from '#libs/platform/src/observing/metrics.js';
import { Postman } from '../mails/postman.js';
import { NotTaken } from '../smtp/mailer.js';

type MailLink = typeof notifyRequests.mailPasswordLink;

/** The link goes through here to the mail server and is kept nowhere, so whoever asks waits until it is accepted (R43). */
@Controller()
export class PasswordLinksMessages {
  constructor(
    private readonly postman: Postman,
    private readonly metrics: Metrics,
  ) {}

  @MessagePattern(notifyRequests.mailPasswordLink.pattern)
  async mail(
    @Payload() { portal, accountId, emailSince, url, expiresAt }: PayloadOf<MailLink>,
    @Ctx() context: Context,
  ): Promise<Record<string, never>> {
    const told = { kind: 'password-link', url, expiresAt } as const;
    try {
      const delivered = await this.postman.deliverLink(
        `password-link/${randomUUID()}`,
        { portal, accountId, emailSince },
        told,
        context,
      );
      this.metrics.mails.inc({ outcome: delivered ? 'sent' : 'nobody' });
      if (delivered) return {};
    } catch (error) {
      if (!(error instanceof NotTaken)) throw error;
      if (error.kind === 'refused') throw new Problem('no-mail', 'The mail server refuses the address of the account.');
      throw new Problem('unavailable', 'The mail server does not take the mail now.', { retryAfter: 60 });
    }
    throw new Problem('no-mail');
  }
}
