import { Inject } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Context } from '#libs/contracts/src/context.js';
import type { AccountRef } from '#libs/contracts/src/stream.js';
import { CommandOf } from '#libs/platform/src/cqrs.js';
import type { Config } from '#libs/platform/src/settings/config.js';
import { CONFIG } from '#libs/platform/src/tokens.js';
import { Accounts } from '../registry/accounts.js';
import { Descriptions } from '../registry/descriptions.js';
import { SessionStore } from '../sessions/session-store.js';
import { MailedLinks } from './mailed-links.js';
import { PasswordLinks } from './password-links.js';

interface LinkShown {
  readonly url: string;
  readonly expiresAt: string;
}
/** A link by which a person sets a password. It is shown to the operator alone: for an administrator it is mailed (R43). */
export class IssuePasswordLink extends CommandOf<
  { readonly account: AccountRef; readonly context: Context },
  LinkShown | { readonly sent: true }
> {}

@CommandHandler(IssuePasswordLink)
export class IssuePasswordLinkHandler implements ICommandHandler<IssuePasswordLink> {
  constructor(
    private readonly accounts: Accounts,
    private readonly descriptions: Descriptions,
    private readonly sessions: SessionStore,
    private readonly links: PasswordLinks,
    private readonly mailed: MailedLinks,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  async execute({ input: { account, context } }: IssuePasswordLink): Promise<LinkShown | { readonly sent: true }> {
    const known = await this.accounts.get(account);
    const addressee = context.actor.kind === 'operator' ? null : this.mailed.addressee(known);
    // before lock and suspension are looked at: one that comes in between raises it
    const epoch = await this.sessions.epoch(account);
    await this.descriptions.refuseIfBarred(account, context);
    const { linkId: passwordLinkId, token, expiresAt } = await this.links.make(account, epoch);
    await this.accounts.execute(account, context, {
      type: 'IssuePasswordLink',
      passwordLinkId,
      ...(addressee && { mailed: true }),
    });
    const { publicUrl = '' } = this.config;
    // in the fragment, which no browser sends and no server logs
    const url = `${publicUrl.replace(/\/$/, '')}/console/password#${token}`;
    const link = { url, expiresAt: new Date(expiresAt).toISOString() };
    if (!addressee) return link;
    await this.mailed.send(addressee, link, context);
    return { sent: true };
  }
}
