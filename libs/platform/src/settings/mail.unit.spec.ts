import { configOf, readSettings } from './config.js';
import { refuseMailWithoutServer } from './mail.js';

const secrets = { operatorToken: 'o', vaultKeys: [] };
const read = (env: NodeJS.ProcessEnv) => configOf(readSettings(env), secrets).mail;
const MAIL_FROM = 'no-reply@acme.example';
const smtp = (SMTP_URL: string) => read({ SMTP_URL, MAIL_FROM })?.smtp;

describe('the settings of mail', () => {
  it('are none unless there are any', () => {
    expect(read({})).toBeUndefined();
    expect(read({ SMTP_URL: '', MAIL_FROM: '' })).toBeUndefined();
  });

  it.each([
    ['smtps://mail.example', { host: 'mail.example', port: 465, tls: 'implicit' }],
    ['smtp://mail.example', { host: 'mail.example', port: 587, tls: 'starttls' }],
    ['smtp://mail.example:25/', { host: 'mail.example', port: 25, tls: 'starttls' }],
    ['smtp://127.0.0.1:2525', { host: '127.0.0.1', port: 2525, tls: 'none' }],
    ['smtp://[::1]:2525', { host: '::1', port: 2525, tls: 'none' }],
    ['smtps://localhost', { host: 'localhost', port: 465, tls: 'implicit' }],
    ['smtp://127.0.0.1.evil.example', { host: '127.0.0.1.evil.example', port: 587, tls: 'starttls' }],
    [
      'smtps://us%40er:p%3Aw@mail.example',
      { host: 'mail.example', port: 465, tls: 'implicit', auth: { user: 'us@er', password: 'p:w' } },
    ],
  ])('%s is a server, with TLS unless it is on loopback', (url, expected) => {
    expect(smtp(url)).toEqual(expected);
  });

  it.each([
    'mail.example',
    'http://mail.example',
    'smtp://',
    'smtp://user@mail.example',
    'smtp://:secret@mail.example',
    'smtps://mail.example/path',
    'smtps://mail.example?tls.rejectUnauthorized=false',
    'smtp://mail.example?ignoreTLS=true',
    'smtp://u:%zz@mail.example',
    'smtp://mail.example:99999',
  ])('%s is none, and is not quoted', (url) => {
    expect(() => smtp(url)).toThrow(
      /^SMTP_URL must be smtp:\/\/HOST or smtps:\/\/HOST, with PORT and USER:PASSWORD@ where there are any$/,
    );
  });

  it.each([
    ['no-reply@acme.example', { address: 'no-reply@acme.example' }],
    ['<no-reply@acme.example>', { address: 'no-reply@acme.example' }],
    ['Acme & Söhne <no-reply@acme.example>', { name: 'Acme & Söhne', address: 'no-reply@acme.example' }],
  ])('%s is a sender', (from, expected) => {
    expect(read({ SMTP_URL: 'smtp://127.0.0.1', MAIL_FROM: from })?.from).toEqual(expected);
  });

  it.each(['acme', 'a@b@c', 'Acme <acme>', 'A <a@acme.example>, B <b@acme.example>', 'A\r\nBcc: x <a@acme.example>'])(
    '%s is no sender',
    (from) => {
      expect(() => read({ SMTP_URL: 'smtp://127.0.0.1', MAIL_FROM: from })).toThrow(/^MAIL_FROM must be an address/);
    },
  );

  it('go together where mail is sent; who does not send it knows the sender alone', () => {
    expect(() => smtpWithoutFrom()).toThrow(/^MAIL_FROM is missing/);
    const mail = read({ MAIL_FROM })!;
    expect(mail).toEqual({ from: { address: MAIL_FROM } });
    expect(() => refuseMailWithoutServer({ mail })).toThrow(/^SMTP_URL is missing/);
    refuseMailWithoutServer({});
  });
});

const smtpWithoutFrom = () => read({ SMTP_URL: 'smtp://127.0.0.1' });
