import { Portal } from '#test/support/people/portal.js';
import { MailServer } from '#test/support/servers/mail/mail-server.js';
import { MAIL_FROM, PUBLIC_URL } from '#test/support/servers/mail/use-mail.js';
import { Cluster } from './support/cluster.js';

let cluster: Cluster;
let portal: Portal;
let server: MailServer;
beforeAll(async () => {
  server = await MailServer.start();
  cluster = await Cluster.start(1, { MAIL_FROM, PUBLIC_URL });
  portal = await Portal.make(cluster);
}, 240_000);
afterAll(async () => {
  await cluster?.stop();
  await server.close();
}, 60_000);

const enrolled = async (name: string): Promise<string> => {
  const email = `${name}@acme.example`;
  await (await (await portal.register({ email })).signIn()).enrol();
  return email;
};

it('of two processes that mail one goes on where the other is killed', async () => {
  const before = await enrolled('before');
  const first = await cluster.mailBy(server.url);
  const second = await cluster.mailBy(server.url);
  const people = [];
  for (let i = 0; i < 6; i += 1) people.push(await enrolled(`person-${i}`));
  await server.mails(people[0]!, 'is on');
  await first.end('SIGKILL');
  for (let i = 6; i < 9; i += 1) people.push(await enrolled(`person-${i}`));
  for (const email of people) await server.mails(email, 'is on');
  // it happened before anything was to be mailed
  expect(server.to(before)).toEqual([]);

  const person = await portal.register({ email: 'late@acme.example' });
  cluster.clock.advance(7 * 86_400 + 60);
  await portal.admin.signIn();
  expect((await portal.api.issuePasswordLink(portal.id, person.id)).success()).toEqual({ sent: true });
  await server.mails('late@acme.example', 'Set your password');
  expect(second.printed).not.toContain('pwl_');
}, 240_000);
