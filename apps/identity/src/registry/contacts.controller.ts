import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import type { z } from 'zod';
import type { PayloadOf } from '#libs/contracts/src/messages/request.js';
import { identityRequests } from '#libs/contracts/src/messages/requests.js';
import { Accounts } from './accounts.js';
import { Portals } from './portals.js';

type Contacting = typeof identityRequests.describeContact;
type Listing = typeof identityRequests.listAdministrators;

/** Who a mail goes to. Asked by notify at the moment it sends one, so that it keeps no names and addresses (R40, R42). */
@Controller()
export class ContactsController {
  constructor(
    private readonly accounts: Accounts,
    private readonly portals: Portals,
  ) {}

  @MessagePattern(identityRequests.describeContact.pattern)
  async contact(@Payload() account: PayloadOf<Contacting>): Promise<z.input<Contacting['reply']>> {
    const known = await this.accounts.find(account);
    if (!known) return { contact: null };
    const { username, displayName, email } = known.profile;
    const emailSince = known.emailSince === null ? null : new Date(known.emailSince).toISOString();
    return { contact: { username, displayName, email, emailSince } };
  }

  @MessagePattern(identityRequests.listAdministrators.pattern)
  async administrators(@Payload() { portal }: PayloadOf<Listing>): Promise<z.input<Listing['reply']>> {
    const { administrators, suspended } = await this.portals.state(portal);
    return { accountIds: administrators.filter((id) => !suspended.includes(id)) };
  }
}
