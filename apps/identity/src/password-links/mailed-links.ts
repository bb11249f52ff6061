import { Inject, Injectable } from '@nestjs/common';
import type { Context } from '#libs/contracts/src/context.js';
import { notifyRequests } from '#libs/contracts/src/messages/requests.js';
import { Problem } from '#libs/contracts/src/problems.js';
import { Requests } from '#libs/messaging/src/requests.js';
import type { Clock } from '#libs/platform/src/clock.js';
import type { Config } from '#libs/platform/src/settings/config.js';
import { CLOCK, CONFIG } from '#libs/platform/src/tokens.js';
import type { KnownAccount } from '../registry/accounts.js';

/** Who has changed the address of somebody must not have the link a moment later (R43). */
const ADDRESS_MUST_BE_OLDER_THAN_MS = 7 * 86_400_000;
/** A mail server may take its time. */
const PATIENCE_MS = 9_000;

/** Links that go to the person by mail. The token is in the request to notify alone: in no event, no log and no store. */
@Injectable()
export class MailedLinks {
  constructor(
    private readonly requests: Requests,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @throws Problem `no-mail` there is no mail, no address, none that is old enough, or no origin for the link to begin with */
  refuseUnlessMailable({ profile, emailSince }: KnownAccount): void {
    const { mail, publicUrl } = this.config;
    if (mail === undefined || publicUrl === undefined) throw new Problem('no-mail');
    if (profile.email === null) throw new Problem('no-mail', 'The account has no e-mail address.');
    if (emailSince === null || this.clock() - emailSince <= ADDRESS_MUST_BE_OLDER_THAN_MS) {
      throw new Problem('no-mail', 'The e-mail address of the account must be older than 7 days.');
    }
  }

  /** Resolves when the mail server has accepted it. @throws Problem `unavailable`, `no-mail` */
  async send(
    { portal, accountId }: KnownAccount,
    link: { readonly url: string; readonly expiresAt: string },
    context: Context,
  ): Promise<void> {
    const payload = { portal, accountId, ...link };
    await this.requests.send(notifyRequests.mailPasswordLink, payload, context, { timeoutMs: PATIENCE_MS });
  }
}
