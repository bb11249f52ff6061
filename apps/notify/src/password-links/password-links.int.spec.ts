import { aContext } from '#libs/contracts/src/testing/contexts.js';
import { MailServer } from '#test/support/servers/mail/mail-server.js';
import { RunningNotify } from '../testing/running-notify.js';

let server: MailServer;
let notify: RunningNotify;
beforeEach(async () => {
  server = await MailServer.start();
  notify = await new RunningNotify(server).start();
});
afterEach(async () => {
  await notify.remove();
  await server.close();
});

const mailLink = (emailSince: string) =>
  notify.mailPasswordLink(
    {
      portal: 'demo',
      accountId: 'alice',
      emailSince,
      url: 'https://portal.example/console/password#pwl_1',
      expiresAt: new Date(notify.now).toISOString(),
    },
    aContext(),
  );

it('R43 a link is mailed to the address that it is meant for, and to none that the account was given since', async () => {
  const emailSince = new Date(notify.now).toISOString();
  const address = notify.person('alice');
  await mailLink(emailSince);
  await server.mails(address, 'Set your password');
  notify.now += 1_000;
  notify.person('alice', { email: 'mallory@acme.example' });
  await expect(mailLink(emailSince)).rejects.toMatchObject({ code: 'no-mail' });
  expect(server.to('mallory@acme.example')).toEqual([]);
  expect(server.received).toHaveLength(1);
  expect(await notify.outcomes()).toMatchObject({ sent: 1, nobody: 1 });
});
