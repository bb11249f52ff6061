import { until } from '#test/support/until.js';
import { MailServer } from '#test/support/servers/mail/mail-server.js';
import { MAIL_FROM, PUBLIC_URL } from '#test/support/servers/mail/use-mail.js';
import { Cluster } from './support/cluster.js';

let cluster: Cluster;
let server: MailServer;
beforeAll(async () => {
  server = await MailServer.start();
  cluster = await Cluster.start(1, { MAIL_FROM, PUBLIC_URL });
}, 240_000);
afterAll(async () => {
  await cluster?.stop();
  await server.close();
}, 60_000);

const apps = async () => (await cluster.operator.installation()).success().apps;
const statuses = async () => Object.fromEntries((await apps()).map(({ app, status }) => [app, status]));
const allOk = { identity: 'ok', 'two-factor': 'ok', 'admin-policy': 'ok', audit: 'ok', openid: 'ok' };

it('the operator is told through the gateway how every app is, and which does not answer', async () => {
  // it is to mail, and has never run
  expect(await statuses()).toEqual({ ...allOk, notify: 'unreachable' });
  await cluster.mailBy(server.url);
  await until('all are ready', async () => Object.values(await statuses()).every((status) => status === 'ok'));
  const rings = (await apps()).map(({ keyRing }) => keyRing?.keys.map(({ id }) => id));
  expect(rings).toEqual([['k1'], ['k1'], ['k1'], undefined, ['k1'], undefined]);

  const [audit] = cluster.all.audit;
  await audit!.end('SIGKILL');
  expect(await statuses()).toEqual({ ...allOk, audit: 'unreachable', notify: 'ok' });
  await audit!.start();
  await until('audit answers again', async () => (await statuses()).audit === 'ok');
}, 240_000);
