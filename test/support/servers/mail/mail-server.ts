import { once } from 'node:events';
import type { Socket } from 'node:net';
import PostalMime, { type Email } from 'postal-mime';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { until } from '../../until.js';

export interface Received {
  /** Of the envelope. */
  readonly to: string;
  readonly raw: string;
  readonly mail: Email;
  /** Whether it came over TLS. */
  readonly secure: boolean;
}

export interface MailServerOptions {
  /** Key and certificate in PEM. `starttls` unless `implicit`; none: plain. */
  readonly tls?: { readonly key: string; readonly cert: string; readonly implicit?: boolean };
  readonly auth?: { readonly user: string; readonly password: string };
}

type Behaviour = 'refused' | 'later' | 'hangs-up' | 'stalls';

/** A real SMTP server on loopback that keeps what it is given, and does to addresses what it is told. */
export class MailServer {
  readonly received: Received[] = [];
  /** How often an address was to be mailed. */
  readonly asked = new Map<string, number>();
  /** At one time. */
  mostConnections = 0;
  private readonly behaviours = new Map<string, Behaviour>();
  private readonly sockets = new Set<Socket>();
  private server: SMTPServer | undefined;
  private port = 0;

  constructor(private readonly options: MailServerOptions = {}) {}

  static start(options: MailServerOptions = {}): Promise<MailServer> {
    return new MailServer(options).open();
  }

  /** On the port that it had before. */
  async open(): Promise<this> {
    this.server = new SMTPServer(this.settings());
    // who is told to go away may not wait for the answer
    this.server.on('error', () => undefined);
    const listening = this.server.listen(this.port, '127.0.0.1');
    await once(listening, 'listening');
    listening.on('connection', (socket: Socket) => {
      this.sockets.add(socket);
      this.mostConnections = Math.max(this.mostConnections, this.sockets.size);
      socket.on('close', () => this.sockets.delete(socket));
    });
    this.port = (listening.address() as { port: number }).port;
    return this;
  }

  /** As if it were not there. */
  async close(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    if (!server) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  get place() {
    return { host: '127.0.0.1', port: this.port };
  }
  get url(): string {
    return `smtp://127.0.0.1:${this.port}`;
  }

  does(address: string, behaviour: Behaviour | 'as-ever'): void {
    if (behaviour === 'as-ever') this.behaviours.delete(address);
    else this.behaviours.set(address, behaviour);
  }

  to(address: string): Received[] {
    return this.received.filter(({ to }) => to === address);
  }

  /** So many mails to that address with this in their subject, as soon as they are there. */
  mails(address: string, subject: string, count = 1): Promise<Received[]> {
    return until(`${count} mails to ${address} about ${subject}`, () => {
      const found = this.to(address).filter(({ mail }) => mail.subject?.includes(subject));
      return found.length >= count && found;
    });
  }

  private hangUpOn(port: number): void {
    for (const socket of this.sockets) if (socket.remotePort === port) socket.destroy();
  }

  private settings(): SMTPServerOptions {
    const { tls, auth } = this.options;
    return {
      logger: false,
      closeTimeout: 100,
      disableReverseLookup: true,
      ...(tls ? { key: tls.key, cert: tls.cert, secure: tls.implicit === true } : { disabledCommands: ['STARTTLS'] }),
      authOptional: auth === undefined,
      allowInsecureAuth: true,
      onAuth: ({ username, password }, _, done) =>
        auth && username === auth.user && password === auth.password
          ? done(null, { user: username })
          : done(new Error('Invalid login')),
      onRcptTo: ({ address }, { remotePort }, done) => {
        this.asked.set(address, (this.asked.get(address) ?? 0) + 1);
        const behaviour = this.behaviours.get(address);
        if (behaviour === 'refused') return done(answer(550, `no such mailbox ${address}`));
        if (behaviour === 'later') return done(answer(451, `greylisted ${address}`));
        if (behaviour === 'hangs-up') return this.hangUpOn(remotePort);
        if (behaviour === 'stalls') return;
        return done();
      },
      onData: (stream, { envelope: { rcptTo }, secure }, done) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          const raw = Buffer.concat(chunks).toString();
          void PostalMime.parse(raw).then((mail) => {
            for (const { address } of rcptTo) this.received.push({ to: address, raw, mail, secure });
            done();
          });
        });
      },
    };
  }
}

const answer = (responseCode: number, message: string) => Object.assign(new Error(message), { responseCode });
