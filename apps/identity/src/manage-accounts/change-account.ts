import type { Recorded } from '#libs/event-store/src/decision.js';
import type { AccountRef } from '#libs/contracts/src/stream.js';
import { CommandOf } from '#libs/platform/src/cqrs.js';
import { type Context, withoutCommand } from '#libs/contracts/src/context.js';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Account } from '#libs/contracts/src/http/identity.js';
import type { AccountType } from '#libs/contracts/src/primitives.js';
import { Effects } from '#libs/messaging/src/adopting/adoptions.js';
import type { SsoIdentity } from '../accounts/account.js';
import { PortalSso } from '../login/sso/portal-sso.js';
import { Accounts, type KnownAccount } from '../registry/accounts.js';
import { Descriptions } from '../registry/descriptions.js';
import { Directory } from '../registry/directory.js';
import { Portals } from '../registry/portals.js';
import { SsoSubjects } from '../registry/sso-subjects.js';
import { Administrators, notAContributor } from './administrators.js';

/** What is absent stays. */
export interface AccountChanges {
  readonly type?: AccountType | undefined;
  readonly displayName?: string | null | undefined;
  readonly email?: string | null | undefined;
  readonly admin?: boolean | undefined;
  readonly ssoSubject?: string | null | undefined;
}

interface AccountToChange {
  readonly account: AccountRef;
  readonly changes: AccountChanges;
  readonly context: Context;
}
export class ChangeAccount extends CommandOf<AccountToChange, Account> {}

/** All that can be refused is refused first, and everything is recorded before anything is waited for: nothing is half done. */
@CommandHandler(ChangeAccount)
export class ChangeAccountHandler implements ICommandHandler<ChangeAccount> {
  constructor(
    private readonly accounts: Accounts,
    private readonly portals: Portals,
    private readonly administrators: Administrators,
    private readonly sso: PortalSso,
    private readonly subjects: SsoSubjects,
    private readonly directory: Directory,
    private readonly descriptions: Descriptions,
    private readonly effects: Effects,
  ) {}

  async execute({ input: { account: ref, changes, context } }: ChangeAccount): Promise<Account> {
    const facts = await this.record(await this.accounts.get(ref), changes, context);
    await Promise.all(facts.map((fact) => this.effects.reached(['two-factor'], fact, context)));
    return this.descriptions.describe(await this.accounts.get(ref), context);
  }

  private async record(before: KnownAccount, changes: AccountChanges, context: Context): Promise<Recorded[]> {
    const { type = before.profile.type, ssoSubject: subject } = changes;
    const rightMayChange = changes.type !== undefined || changes.admin !== undefined;
    const admin = changes.admin ?? (type === 'contributor' && (await this.portals.isAdministrator(before)));
    if (admin && type === 'power-reader') throw notAContributor();

    const facts: Recorded[] = [];
    if (subject) await this.subjects.claim(before, subject);
    try {
      if (rightMayChange && !admin) facts.push(await this.administrators.remove(before, context));
      facts.push(await this.changeProfile(before, changes, context));
    } finally {
      if (subject !== undefined) await this.releaseSubjects(before, subject);
    }
    if (rightMayChange && admin) facts.push(await this.administrators.appoint(before, context));
    if (type === 'power-reader' && before.profile.type !== type) await this.stayNoAdministrator(before, context);
    return facts;
  }

  private async changeProfile(
    ref: AccountRef,
    { type, displayName, email, ssoSubject: subject }: AccountChanges,
    context: Context,
  ): Promise<Recorded> {
    const changes = {
      ...(type !== undefined && { type }),
      ...(displayName !== undefined && { displayName }),
      ...(email !== undefined && { email }),
      ...(subject !== undefined && { sso: subject === null ? null : await this.identityOf(ref.portal, subject) }),
    };
    const changed = await this.accounts.execute(ref, context, { type: 'Change', changes });
    await this.directory.update(ref);
    return changed;
  }

  private async identityOf(portal: string, subject: string): Promise<SsoIdentity> {
    return { subject, issuer: (await this.sso.find(portal))?.issuer ?? null };
  }

  /** Whichever of the old and the new subject is not the account's after all. */
  private async releaseSubjects({ profile, ...ref }: KnownAccount, claimed: string | null): Promise<void> {
    const present = (await this.accounts.get(ref)).profile.sso?.subject;
    for (const subject of [profile.sso?.subject, claimed]) {
      if (subject && subject !== present) await this.subjects.release(ref, subject);
    }
  }

  /** If the account was appointed at the same moment, and has become the only administrator, it stays a Contributor. */
  private async stayNoAdministrator({ profile: { type }, ...ref }: KnownAccount, context: Context): Promise<void> {
    try {
      await this.administrators.remove(ref, withoutCommand(context));
    } catch (error) {
      await this.changeProfile(ref, { type }, withoutCommand(context));
      throw error;
    }
  }
}
