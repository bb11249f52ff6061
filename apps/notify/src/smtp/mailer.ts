import { createHash } from 'node:crypto';
import { createTransport } from 'nodemailer';
import type { MailAddress, SmtpServer } from '#libs/platform/src/settings/mail.js';

export interface Message {
  /** The same each time that the same mail is sent, so that receivers can know it again. */
  readonly id: string;
  readonly from: MailAddress;
  readonly to: MailAddress;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** Why a mail was not taken: `reason` holds codes alone, since servers quote addresses. */
export class NotTaken extends Error {
  override readonly name = 'NotTaken';
  constructor(
    /** The server as it is now takes none; it took this one not now; it takes this one never. */
    readonly kind: 'server-away' | 'later' | 'refused',
    readonly reason: string,
  ) {
    super(reason);
  }
}

const CONNECTING_MS = 10_000;
/** Between two answers of the server. */
const SILENT_MS = 30_000;

/** The one place that speaks SMTP (RFC 5321). */
export class Mailer {
  private readonly transport;

  /**
   * Both for tests:
   * @param ca authorities in PEM that are trusted in the place of those of Node
   * @param silentMs how long a server may say nothing
   */
  constructor({ host, port, tls, auth }: SmtpServer, ca?: string, silentMs = SILENT_MS) {
    this.transport = createTransport({
      host,
      port,
      secure: tls === 'implicit',
      requireTLS: tls === 'starttls',
      ignoreTLS: tls === 'none',
      tls: { minVersion: 'TLSv1.2', ...(ca !== undefined && { ca }) },
      ...(auth && { auth: { user: auth.user, pass: auth.password } }),
      connectionTimeout: CONNECTING_MS,
      greetingTimeout: CONNECTING_MS,
      socketTimeout: silentMs,
      disableFileAccess: true,
      disableUrlAccess: true,
    });
  }

  /** Resolves when the server has accepted it. @throws NotTaken */
  async send({ id, from, to, subject, text, html }: Message): Promise<void> {
    const domain = from.address.slice(from.address.lastIndexOf('@') + 1);
    try {
      await this.transport.sendMail({
        from: mailboxOf(from),
        to: mailboxOf(to),
        subject,
        text,
        html,
        messageId: `<${createHash('sha256').update(id).digest('hex').slice(0, 32)}@${domain}>`,
        // nobody is to answer it by a machine (RFC 3834)
        headers: { 'Auto-Submitted': 'auto-generated' },
      });
    } catch (error) {
      throw notTaken(error as SmtpError);
    }
  }

  close(): void {
    this.transport.close();
  }
}

const mailboxOf = ({ name = '', address }: MailAddress) => ({ name, address });

interface SmtpError {
  readonly code?: unknown;
  readonly command?: unknown;
  readonly responseCode?: unknown;
}

/** The service is about to close (RFC 5321 §4.2.1): it says so at any command. */
const CLOSING = 421;

function notTaken({ code, command, responseCode }: SmtpError): NotTaken {
  const said = [code, responseCode, command].filter(
    (one) => typeof one === 'number' || /^[A-Z][A-Z ]{1,31}$/.test(String(one)),
  );
  const reason = ['SMTP', ...said].join(' ');
  // about this mail, not about the sender or the connection
  const ofMail = command === 'RCPT TO' || command === 'DATA';
  if (ofMail && typeof responseCode === 'number' && responseCode !== CLOSING) {
    return new NotTaken(responseCode >= 500 ? 'refused' : 'later', reason);
  }
  // an address that it cannot be told, before anything was sent
  if (code === 'EENVELOPE' && command !== 'MAIL FROM' && responseCode === undefined)
    return new NotTaken('refused', reason);
  return new NotTaken(typeof code === 'string' ? 'server-away' : 'later', reason);
}
