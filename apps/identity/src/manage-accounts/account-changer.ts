import { Problem } from '#libs/contracts/src/problems.js';
import type { Recorded } from '#libs/event-store/src/decision.js';
import type { AccountRef } from '#libs/contracts/src/stream.js';
import { type Context, withoutCommand } from '#libs/contracts/src/context.js';
import { Injectable } from '@nestjs/common';
import { malformed } from '#libs/platform/src/auth/validation.js';
import type { AccountType } from '#libs/contracts/src/primitives.js';
import type { SsoIdentity } from '../accounts/account.js';
import { PortalSso } from '../login/sso/portal-sso.js';
import { Accounts, type KnownAccount } from '../registry/accounts.js';
import { Directory } from '../directory/directory.js';
import { Portals } from '../registry/portals.js';
import type { Claims, Noted } from '../registry/claims.js';
import { ExternalIds } from '../registry/external-ids.js';
import { SsoSubjects } from '../registry/sso-subjects.js';
import { Usernames } from '../registry/usernames.js';
import { Administrators, notAContributor } from './administrators.js';

/** What is absent stays. */
export interface AccountChanges {
  readonly type?: AccountType | undefined;
  readonly username?: string | undefined;
  readonly displayName?: string | null | undefined;
  readonly email?: string | null | undefined;
  readonly admin?: boolean | undefined;
  readonly externalId?: string | null | undefined;
  readonly ssoSubject?: string | null | undefined;
}

type ProfileChanges = Omit<AccountChanges, 'admin' | 'ssoSubject'> & { readonly sso?: SsoIdentity | null | undefined };

/**
 * Changes of accounts. All that can be refused is refused first, and everything is recorded before anything is waited for:
 * nothing is half done.
 */
@Injectable()
export class AccountChanger {
  constructor(
    private readonly accounts: Accounts,
    private readonly portals: Portals,
    private readonly administrators: Administrators,
    private readonly sso: PortalSso,
    private readonly usernames: Usernames,
    private readonly externalIds: ExternalIds,
    private readonly subjects: SsoSubjects,
    private readonly directory: Directory,
  ) {}

  /** Answers with what other apps must have reached (R28). @throws Problem the refusal */
  async record(before: KnownAccount, changes: AccountChanges, context: Context): Promise<Recorded[]> {
    await this.administrators.refuseService(before, context.actor);
    const { type = before.profile.type, ssoSubject: subject } = changes;
    const sso = typeof subject === 'string' ? await this.identityOf(before.portal, subject) : subject;
    const rightMayChange = changes.type !== undefined || changes.admin !== undefined;
    const admin = changes.admin ?? (type === 'contributor' && (await this.portals.isAdministrator(before)));
    if (admin && type === 'power-reader') throw notAContributor();

    const facts: Recorded[] = [];
    await this.claimed(before, changes, async () => {
      if (rightMayChange && !admin) facts.push(await this.administrators.remove(before, context));
      facts.push(await this.changeProfile(before, { ...changes, sso }, context));
    });
    if (rightMayChange && admin) facts.push(await this.administrators.appoint(before, context));
    if (type === 'power-reader' && before.profile.type !== type) await this.stayNoAdministrator(before, context);
    return facts;
  }

  /** What no two accounts may have is claimed before it is recorded; what is not the account's afterwards is released. */
  private async claimed(
    before: KnownAccount,
    { username, externalId, ssoSubject }: AccountChanges,
    record: () => Promise<void>,
  ): Promise<void> {
    const { profile } = before;
    const asked = [
      { claims: this.usernames, was: profile.username, is: username },
      { claims: this.externalIds, was: profile.externalId, is: externalId },
      { claims: this.subjects, was: profile.sso?.subject, is: ssoSubject },
    ].filter(({ is }) => is !== undefined);
    const made: { claims: Claims; text: string; mine: Noted }[] = [];
    const settle = async () => {
      for (const { claims, text, mine } of made) await claims.settle(before, text, mine);
    };
    try {
      for (const { claims, was, is } of asked) {
        if (is) made.push({ claims, text: is, mine: await claims.claim(before, is) });
        if (was) made.push({ claims, text: was, mine: await claims.note(before, was) });
      }
      await record();
    } catch (error) {
      // of an outage nobody knows yet whether it is recorded: the claims stand until the notes are too old
      if (error instanceof Problem && error.status < 500) await settle();
      throw error;
    }
    await settle();
  }

  private async changeProfile(
    ref: AccountRef,
    { type, username, displayName, email, externalId, sso }: ProfileChanges,
    context: Context,
  ): Promise<Recorded> {
    const changes = {
      ...(type !== undefined && { type }),
      ...(username !== undefined && { username }),
      ...(externalId !== undefined && { externalId }),
      ...(displayName !== undefined && { displayName }),
      ...(email !== undefined && { email }),
      ...(sso !== undefined && { sso }),
    };
    const changed = await this.accounts.execute(ref, context, { type: 'Change', changes });
    await this.directory.update(ref);
    return changed;
  }

  /** A subject is somebody at one provider: without one, whoever is trusted later would name them. */
  private async identityOf(portal: string, subject: string): Promise<SsoIdentity> {
    const provider = await this.sso.find(portal);
    if (provider === null)
      throw malformed([{ field: 'ssoSubject', message: 'can be set only once the portal has an identity provider' }]);
    return { subject, issuer: provider.issuer };
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
