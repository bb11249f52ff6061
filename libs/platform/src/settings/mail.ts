import { z } from 'zod';
import { isReadable } from '#libs/contracts/src/text/readable.js';
import { isLoopbackHost } from './loopback-host.js';
import { SettingError } from './setting-error.js';

export interface SmtpServer {
  readonly host: string;
  readonly port: number;
  /** `implicit`: from the first byte (RFC 8314); `starttls`: no mail without it (RFC 3207); `none`: on loopback alone. */
  readonly tls: 'implicit' | 'starttls' | 'none';
  readonly auth?: { readonly user: string; readonly password: string };
}

export interface MailAddress {
  readonly name?: string;
  readonly address: string;
}

export interface MailConfig {
  readonly from: MailAddress;
  /** Known to who sends alone. */
  readonly smtp?: SmtpServer;
}

const notAUrl = 'must be smtp://HOST or smtps://HOST, with PORT and USER:PASSWORD@ where there are any';

/** Undefined: it is none. */
function smtpServerOf(text: string): SmtpServer | undefined {
  if (!URL.canParse(text)) return undefined;
  const { protocol, hostname, port, username, password, pathname, search, hash } = new URL(text);
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  if (!/^smtps?:$/.test(protocol) || host === '' || !/^\/?$/.test(pathname) || search !== '' || hash !== '')
    return undefined;
  if ((username === '') !== (password === '')) return undefined;
  const implicit = protocol === 'smtps:';
  try {
    return {
      host,
      port: port === '' ? (implicit ? 465 : 587) : Number(port),
      tls: implicit ? 'implicit' : isLoopbackHost(host) ? 'none' : 'starttls',
      ...(username !== '' && { auth: { user: decodeURIComponent(username), password: decodeURIComponent(password) } }),
    };
  } catch {
    return undefined;
  }
}

/** `Acme <no-reply@acme.example>`, or the address alone. Undefined: it is none. */
function mailAddressOf(text: string): MailAddress | undefined {
  const [, name, bracketed] = /^([^<>"]*?)\s*<([^<>]+)>$/.exec(text.trim()) ?? [];
  const address = bracketed ?? text.trim();
  if (!z.email().max(320).safeParse(address).success) return undefined;
  if (name === undefined || name === '') return { address };
  return isReadable(name) ? { name, address } : undefined;
}

export const mailSettings = z.object({
  SMTP_URL: z
    .string()
    .transform(smtpServerOf)
    .refine((server) => server !== undefined, notAUrl)
    .optional()
    .describe('The server that takes mail to people. Nobody is mailed without.'),
  MAIL_FROM: z
    .string()
    .transform(mailAddressOf)
    .refine((from) => from !== undefined, 'must be an address, or NAME <ADDRESS>')
    .optional()
    .describe('Who the mail is from. For an app that does not send it: there is mail.'),
});

/** Undefined: nobody is mailed. @throws SettingError */
export function mailConfigOf({
  SMTP_URL: smtp,
  MAIL_FROM: from,
}: z.output<typeof mailSettings>): MailConfig | undefined {
  if (from !== undefined) return { from, ...(smtp !== undefined && { smtp }) };
  if (smtp !== undefined) throw new SettingError('MAIL_FROM', 'is missing: SMTP_URL requires it');
  return undefined;
}

/** Of a process that sends: both or none. @throws SettingError */
export function refuseMailWithoutServer({ mail }: { readonly mail?: MailConfig }): void {
  if (mail !== undefined && mail.smtp === undefined) {
    throw new SettingError('SMTP_URL', 'is missing: MAIL_FROM requires it');
  }
}
