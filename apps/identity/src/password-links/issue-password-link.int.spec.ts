import { identityRequests, notifyRequests, twoFactorRequests } from '#libs/contracts/src/messages/requests.js';
import type { PayloadOf } from '#libs/contracts/src/messages/request.js';
import { aContext } from '#libs/contracts/src/testing/contexts.js';
import { openEmbeddedEngine } from '#libs/engine/src/embedded/open.js';
import { Requests } from '#libs/messaging/src/requests.js';
import { scriptedBus, testConfig } from '#libs/platform/src/testing/stand-ins.js';
import { ContactsController } from '../registry/contacts.controller.js';
import { Descriptions } from '../registry/descriptions.js';
import { type IdentityParts, openIdentityParts } from '../testing/identity-parts.js';
import { IssuePasswordLink, IssuePasswordLinkHandler } from './issue-password-link.js';
import { MailedLinks } from './mailed-links.js';
import { PasswordLinks } from './password-links.js';

type Mailed = PayloadOf<typeof notifyRequests.mailPasswordLink>;

const alice = { portal: 'demo', accountId: 'a1' };
const context = aContext({ actor: { kind: 'administrator', id: 'a0' } });
let parts: IdentityParts;
/** Done while two-factor is asked about the account: after its address was looked at. */
let meanwhile: () => Promise<unknown>;
/** What notify was asked for, and whom it finds when it asks. */
let mailed: (Mailed & { readonly to: string | null; readonly since: string | null })[];
let issuing: IssuePasswordLinkHandler;

const changeEmail = (email: string) =>
  parts.accounts.execute(alice, context, { type: 'Change', changes: { email } } as never);

beforeEach(async () => {
  parts = await openIdentityParts(openEmbeddedEngine);
  [meanwhile, mailed] = [() => Promise.resolve(), []];
  const { accounts, portals, sessions, requirements, engine, clock, expiries } = parts;
  const contacts = new ContactsController(accounts, portals);
  const { ask } = scriptedBus({
    [twoFactorRequests.describeAccounts.pattern]: async () => {
      await meanwhile();
      return { accounts: [{ accountId: 'a1', lockedAt: null, lockEndsAt: null, twoFactor: { status: 'none' } }] };
    },
    [notifyRequests.mailPasswordLink.pattern]: async (asked: Mailed) => {
      const payload = notifyRequests.mailPasswordLink.schema.parse(asked);
      const { contact } = identityRequests.describeContact.reply.parse(await contacts.contact(alice));
      mailed.push({ ...payload, to: contact!.email, since: contact!.emailSince });
      return {};
    },
  }).join('identity', engine);
  const requests = new Requests(ask);
  const config = {
    ...testConfig,
    publicUrl: 'https://portal.example',
    mail: { from: { address: 'no-reply@acme.example' } },
  };
  const descriptions = new Descriptions(requests, accounts, portals, requirements, parts.sso, clock);
  const links = new PasswordLinks(engine, clock, expiries);
  const mailedLinks = new MailedLinks(requests, config, clock);
  issuing = new IssuePasswordLinkHandler(accounts, descriptions, sessions, links, mailedLinks, config);
  await parts.register(alice, 'alice');
  await changeEmail('alice@acme.example');
  parts.pass(8 * 86_400_000);
});
afterEach(() => parts.close());

const issue = () => issuing.execute(new IssuePasswordLink({ account: alice, context }));

test('R43 a link is for the address that was old enough, which notify can tell from one that came since', async () => {
  expect(await issue()).toEqual({ sent: true });
  expect(mailed).toMatchObject([{ to: 'alice@acme.example' }]);
  expect(mailed[0]!.emailSince).toBe(mailed[0]!.since);
  parts.pass(1_000);
  meanwhile = () => changeEmail('mallory@acme.example');
  await issue();
  expect(mailed[1]).toMatchObject({ to: 'mallory@acme.example', emailSince: mailed[0]!.emailSince });
  expect(mailed[1]!.emailSince).not.toBe(mailed[1]!.since);
});
