import { Inject, Injectable } from '@nestjs/common';
import type { Context } from '#libs/contracts/src/context.js';
import { notifyRequests } from '#libs/contracts/src/messages/requests.js';
import { Problem } from '#libs/contracts/src/problems.js';
import type { AccountRef } from '#libs/contracts/src/stream.js';
import { Requests } from '#libs/messaging/src/requests.js';
import type { Clock } from '#libs/platform/src/clock.js';
import type { Config } from '#libs/platform/src/settings/config.js';
import { CLOCK, CONFIG } from '#libs/platform/src/tokens.js';
import type { KnownAccount } from '../registry/accounts.js';

/** Who has changed the address of somebody must not have the link a moment later (R43). */
const ADDRESS_MUST_BE_OLDER_THAN_MS = 7 * 86_400_000;
/** A mail server may take its time. */
const PATIENCE_MS = 9_000;

/** Who a link may be mailed to: at the address of that time, and at none that came after it. */
interface Addressee extends AccountRef {
  readonly emailSince: string;
}

/** Links that go to the person by mail. The token is in the request to notify alone: in no event, no log and no store. */
@Injectable()
export class MailedLinks {
  constructor(
    private readonly requests: Requests,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @throws Problem `no-mail` there is no mail, no address, none that is old enough, or no origin for the link to begin with */
  addressee({ portal, accountId, profile, emailSince }: KnownAccount): Addressee {
    const { mail, publicUrl } = this.config;
    if (mail === undefined || publicUrl === undefined) throw new Problem('no-mail');
    if (profile.email === null) throw new Problem('no-mail', 'The account has no e-mail address.');
    if (emailSince === null || this.clock() - emailSince <= ADDRESS_MUST_BE_OLDER_THAN_MS) {
      throw new Problem('no-mail', 'The e-mail address of the account must be older than 7 days.');
    }
    return { portal, accountId, emailSince: new Date(emailSince).toISOString() };
  }

  /** Resolves when the mail server has accepted it. @throws Problem `unavailable`, `no-mail` */
  async send(
    to: Addressee,
    link: { readonly url: string; readonly expiresAt: string },
    context: Context,
  ): Promise<void> {
    await this.requests.send(notifyRequests.mailPasswordLink, { ...to, ...link }, context, { timeoutMs: PATIENCE_MS });
  }
}
