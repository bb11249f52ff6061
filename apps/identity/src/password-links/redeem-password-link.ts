import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { actingAsUser, type Context } from '#libs/contracts/src/context.js';
import { Problem } from '#libs/contracts/src/problems.js';
import { CommandOf } from '#libs/platform/src/cqrs.js';
import { NewPassword } from '../passwords/new-password.js';
import { Accounts } from '../registry/accounts.js';
import { Descriptions } from '../registry/descriptions.js';
import { Directory } from '../directory/directory.js';
import { SessionStore } from '../sessions/session-store.js';
import { PasswordLinks } from './password-links.js';

interface LinkToRedeem {
  readonly token: string;
  readonly password: string;
  readonly context: Context;
}
/** Sets a password, once. Ends all sessions, and changes nothing of 2FA (R43). */
export class RedeemPasswordLink extends CommandOf<LinkToRedeem, void> {}

@CommandHandler(RedeemPasswordLink)
export class RedeemPasswordLinkHandler implements ICommandHandler<RedeemPasswordLink> {
  constructor(
    private readonly links: PasswordLinks,
    private readonly accounts: Accounts,
    private readonly descriptions: Descriptions,
    private readonly sessions: SessionStore,
    private readonly newPassword: NewPassword,
    private readonly directory: Directory,
  ) {}

  async execute({ input: { token, password, context } }: RedeemPasswordLink): Promise<void> {
    const link = await this.links.find(token);
    if (!link) throw ended();
    const { portal, accountId, linkId: passwordLinkId } = link;
    const account = { portal, accountId };
    const { profile, passwordLink } = await this.accounts.state(account);
    if (!profile) throw ended();
    await this.descriptions.refuseIfBarred(account, context);
    // decided below; looked at here too, so that a link that has ended costs no hash
    if (passwordLink !== passwordLinkId || (await this.sessions.epoch(account)) !== link.epoch) throw ended();
    const replaces = { previous: profile.passwordId, sessionId: null };
    await this.newPassword.set(account, password, replaces, (passwordId) =>
      this.accounts.execute(account, actingAsUser(context, accountId), {
        type: 'SetPassword',
        passwordLinkId,
        passwordId,
      }),
    );
    await this.directory.update(account);
  }
}

const ended = () => new Problem('invalid-credentials', 'The link is not valid any more. Ask for a new one.');
