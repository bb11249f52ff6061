import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { type Client, type Context, systemContext } from '#libs/contracts/src/context.js';
import { appOf, type SealedText, type SourceApp } from '#libs/contracts/src/events/event.js';
import type { Person } from '#libs/contracts/src/events/identity.js';
import { type Contact, identityRequests, personalRequests } from '#libs/contracts/src/messages/requests.js';
import type { AccountRef } from '#libs/contracts/src/stream.js';
import { Requests } from '#libs/messaging/src/requests.js';
import type { Config } from '#libs/platform/src/settings/config.js';
import { CONFIG } from '#libs/platform/src/tokens.js';
import type { LinkTold, Told } from '../letters/catalogue.js';
import { letterOf, portalName, type ToWrite } from '../letters/letter.js';
import { nameOf } from '../letters/names.js';
import { PortalFaces } from '../news/portal-faces.js';
import type { News } from '../news/news.js';
import { Mailer } from '../smtp/mailer.js';
import type { Mail } from './mail-queue.js';

/** Writes a mail and hands it to the mail server: asks who it goes to and where the act came from, and keeps none of it. */
@Injectable()
export class Postman implements OnApplicationShutdown {
  private readonly mailer: Mailer;
  private readonly config: NonNullable<Config['mail']>;

  constructor(
    private readonly requests: Requests,
    private readonly faces: PortalFaces,
    @Inject(CONFIG) { mail }: Config,
  ) {
    if (mail?.smtp === undefined) throw new TypeError('notify without a mail server');
    this.config = mail;
    this.mailer = new Mailer(mail.smtp);
  }

  onApplicationShutdown(): void {
    this.mailer.close();
  }

  /**
   * @param isLast nothing more is mailed that day
   * @returns false: there is nobody to mail
   * @throws NotTaken; Problem `unavailable` who it is cannot be asked now
   */
  async deliver(
    id: string,
    { portal, account: accountId, event, news, origin, former }: Mail,
    isLast = false,
  ): Promise<boolean> {
    const contact = await this.contact({ portal, accountId });
    if (!contact) return false;
    const address = former === undefined ? contact.email : await this.formerAddress(portal, former, event);
    if (address === null) return false;
    const client = origin && (await this.client(portal, origin, event, news));
    const told = await this.named(portal, news);
    // of a list each line has its own time
    const at = told.kind === 'accounts-locked' ? {} : { at: event.time };
    await this.send(id, address, { portal, contact, told, ...at, client, isLast });
    return true;
  }

  /** As `deliver`, of a link by which a password is set. False also where the account has another address than it had then. */
  async deliverLink(
    id: string,
    { portal, accountId, emailSince }: AccountRef & { readonly emailSince: string },
    told: LinkTold,
    context: Context,
  ): Promise<boolean> {
    const contact = await this.contact({ portal, accountId }, context);
    if (!contact?.email || contact.emailSince !== emailSince) return false;
    await this.send(id, contact.email, { portal, contact, told });
    return true;
  }

  async administratorsOf(portal: string): Promise<readonly string[]> {
    return (await this.requests.send(identityRequests.listAdministrators, { portal }, systemContext())).accountIds;
  }

  private async send(id: string, address: string, about: Omit<ToWrite, 'face'>): Promise<void> {
    const face = await this.faces.of(about.portal);
    const { name = portalName(about.portal, face), address: sender } = this.config.from;
    const { contact } = about;
    await this.mailer.send({
      id,
      from: { name, address: sender },
      to: { name: nameOf(contact.displayName ?? contact.username), address },
      ...letterOf({ ...about, face }),
    });
  }

  /** Null: the account was deleted. */
  private async contact(account: AccountRef, context = systemContext()): Promise<Contact | null> {
    return (await this.requests.send(identityRequests.describeContact, account, context)).contact;
  }

  private async named(portal: string, news: News): Promise<Told> {
    if (news.kind !== 'accounts-locked') return news;
    const accountIds = news.locks.map(({ accountId }) => accountId);
    const { usernames } = await this.requests.send(
      identityRequests.nameAccounts,
      { portal, accountIds },
      systemContext(),
    );
    return { ...news, locks: news.locks.map(({ at }, index) => ({ name: usernames[index] ?? null, at })) };
  }

  private async formerAddress(portal: string, former: SealedText, event: Mail['event']): Promise<string | null> {
    const person = await this.opened<Person>('identity', portal, former, event);
    return person?.formerEmail ?? null;
  }

  /** Where the person was; where somebody else acted from is not the person's to know. */
  private async client(
    portal: string,
    origin: SealedText,
    event: Mail['event'],
    news: News,
  ): Promise<Client | undefined> {
    const client = await this.opened<Client>(appOf(event.type), portal, origin, event);
    const byPerson = !('by' in news) || news.by === 'person';
    return (byPerson || client?.toldBy === 'gateway') && client ? client : undefined;
  }

  private async opened<Opened>(
    app: SourceApp,
    portal: string,
    sealed: SealedText,
    { id: eventId }: Mail['event'],
  ): Promise<Opened | null> {
    const { opened } = await this.requests.send(
      personalRequests[app],
      { portal, sealed: [{ eventId, kid: sealed.kid, ciphertext: sealed.ciphertext }] },
      systemContext(),
    );
    return opened[0] ? (JSON.parse(opened[0]) as Opened) : null;
  }
}
