import { loopbackCertificate } from '#test/support/servers/mail/certificate.js';
import { MailServer, type MailServerOptions } from '#test/support/servers/mail/mail-server.js';
import type { SmtpServer } from '#libs/platform/src/settings/mail.js';
import { Mailer, type Message, NotTaken } from './mailer.js';

const { key, cert } = loopbackCertificate();
const auth = { user: 'twinlock', password: 'correct horse' };
const message: Message = {
  id: 'e1/person',
  from: { name: 'Acme', address: 'no-reply@acme.example' },
  to: { name: 'Alice', address: 'alice@acme.example' },
  subject: 'Acme: a subject',
  text: 'a text',
  html: '<p>a text</p>',
};

const opened: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});
async function serverAnd(options: MailServerOptions, as: Partial<SmtpServer> = {}, silentMs?: number) {
  const server = await MailServer.start(options);
  const mailer = new Mailer({ ...server.place, tls: 'none', ...as }, cert, silentMs);
  opened.push(server, mailer);
  return { server, mailer };
}
const refusal = (sending: Promise<void>): Promise<NotTaken> =>
  sending.then(
    () => Promise.reject(new Error('it was taken')),
    (error: unknown) => (error instanceof NotTaken ? error : Promise.reject(error as Error)),
  );

describe('a mail', () => {
  it('is in plain text and HTML, from and to whom it is to be, by no person', async () => {
    const { server, mailer } = await serverAnd({});
    await mailer.send(message);
    const [{ mail, to } = {} as never] = server.received;
    expect(to).toBe('alice@acme.example');
    expect(mail).toMatchObject({
      from: { name: 'Acme', address: 'no-reply@acme.example' },
      to: [{ name: 'Alice', address: 'alice@acme.example' }],
      subject: 'Acme: a subject',
      text: 'a text\n',
      html: '<p>a text</p>\n',
    });
    expect(mail.headers).toContainEqual(expect.objectContaining({ key: 'auto-submitted', value: 'auto-generated' }));
  });

  it('has the same Message-ID each time, and another than any other', async () => {
    const { server, mailer } = await serverAnd({});
    for (const id of ['e1/person', 'e1/person', 'e2/person']) await mailer.send({ ...message, id });
    const [first, again, other] = server.received.map(({ mail }) => mail.messageId);
    expect(first).toMatch(/^<[0-9a-f]{32}@acme\.example>$/);
    expect([again, other]).toEqual([first, expect.not.stringMatching(first!)]);
  });

  it('gets no header and no recipient by what is in a name or a subject', async () => {
    const { server, mailer } = await serverAnd({});
    const evil = 'x"\r\nBcc: mallory@evil.example\r\n\r\n<mallory@evil.example>, ';
    await mailer.send({
      ...message,
      subject: `${evil}subject`,
      from: { ...message.from, name: evil },
      to: { ...message.to, name: evil },
    });
    expect(server.received.map(({ to }) => to)).toEqual(['alice@acme.example']);
    const [{ mail } = {} as never] = server.received;
    expect(mail.headers.map(({ key: name }) => name)).not.toContain('bcc');
    expect(mail.to?.map(({ address }) => address)).toEqual(['alice@acme.example']);
    expect(mail.from?.address).toBe('no-reply@acme.example');
  });
});

describe('TLS', () => {
  it.each([
    ['from the first byte', { implicit: true }, 'implicit'],
    ['by STARTTLS', {}, 'starttls'],
  ] as const)('is spoken %s, with AUTH', async (_, how, tls) => {
    const { server, mailer } = await serverAnd({ tls: { key, cert, ...how }, auth }, { tls, auth });
    await mailer.send(message);
    expect(server.received).toMatchObject([{ secure: true }]);
  });

  it('is asked of a server that has none: it gets neither the mail nor the password', async () => {
    const { server, mailer } = await serverAnd({ auth }, { tls: 'starttls', auth });
    expect(await refusal(mailer.send(message))).toMatchObject({ kind: 'server-away' });
    expect(server.asked.size).toBe(0);
  });

  it.each(['implicit', 'starttls'] as const)('is with the server of the certificate alone (%s)', async (tls) => {
    const other = loopbackCertificate();
    const options = { tls: { ...other, implicit: tls === 'implicit' } };
    const { server, mailer } = await serverAnd(options, { tls });
    expect(await refusal(mailer.send(message))).toMatchObject({ kind: 'server-away' });
    expect(server.asked.size).toBe(0);
  });
});

describe('what a server says', () => {
  it('about a recipient is about that mail', async () => {
    const { server, mailer } = await serverAnd({});
    server.does(message.to.address, 'refused');
    expect(await refusal(mailer.send(message))).toMatchObject({ kind: 'refused' });
    server.does(message.to.address, 'later');
    const later = await refusal(mailer.send(message));
    expect(later).toMatchObject({ kind: 'later', reason: 'SMTP EENVELOPE 451 RCPT TO' });
    // the server quotes the address
    expect(JSON.stringify(later) + String(later)).not.toContain('alice');
    server.does(message.to.address, 'as-ever');
    await mailer.send(message);
  });

  it('about a password is about all', async () => {
    const { mailer } = await serverAnd({ auth }, { auth: { ...auth, password: 'wrong' } });
    const away = await refusal(mailer.send(message));
    expect(away).toMatchObject({ kind: 'server-away' });
    expect(away.reason).not.toContain('wrong');
  });

  it('is not waited for without an end', async () => {
    const { server, mailer } = await serverAnd({}, {}, 300);
    server.does(message.to.address, 'stalls');
    expect(await refusal(mailer.send(message))).toMatchObject({ kind: 'server-away', reason: 'SMTP ETIMEDOUT CONN' });
    expect(server.asked.get(message.to.address)).toBe(1);
  });

  it('is nothing where it is away, and all is well when it is back', async () => {
    const { server, mailer } = await serverAnd({});
    await server.close();
    expect(await refusal(mailer.send(message))).toMatchObject({ kind: 'server-away' });
    await server.open();
    server.does(message.to.address, 'hangs-up');
    expect(await refusal(mailer.send(message))).toMatchObject({ kind: 'server-away' });
    server.does(message.to.address, 'as-ever');
    await mailer.send(message);
    expect(server.received).toHaveLength(1);
  });
});
