import { parseSetCookie, stringifyCookie } from 'cookie';
import type { IncomingHttpHeaders } from 'node:http';
import { Connection, type RawAnswer } from './http.js';
import type { Credentials } from '../people/portal.js';

/** A set cookie, as it came. */
export type SetCookie = ReturnType<typeof parseSetCookie>;

export interface PageAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** Parsed; `{}` where there is none. */
  readonly body: Record<string, unknown>;
  readonly cookies: readonly SetCookie[];
}

interface Sending {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Source address: any of 127.0.0.0/8. */
  readonly address?: string;
}

/** What a browser with the console's page open does: keeps the cookies, sends the mark, sees only what the page sees. */
export class ConsolePage {
  readonly jar = new Map<string, string>();
  /** All values that cookies ever had. */
  readonly secrets = new Set<string>();
  /** What the operator asked for to hand on: shown once. */
  readonly handedOn = new Set<string>();
  /** All that came back, head and body, without the cookies. */
  readonly seen: string[] = [];
  private readonly connection: Connection;

  constructor(readonly origin: string) {
    this.connection = new Connection(origin);
  }

  get(path: string, sending: Sending = {}): Promise<PageAnswer> {
    return this.send('GET', path, sending);
  }
  post(path: string, body?: unknown, sending: Sending = {}): Promise<PageAnswer> {
    return this.send('POST', path, { ...sending, body });
  }
  put(path: string, body?: unknown): Promise<PageAnswer> {
    return this.send('PUT', path, { body });
  }
  delete(path: string): Promise<PageAnswer> {
    return this.send('DELETE', path, {});
  }

  /** `path` below `/console/api`. */
  send(method: string, path: string, sending: Sending): Promise<PageAnswer> {
    const { host } = new URL(this.origin);
    const marks: Record<string, string> = {
      'x-twinlock-console': '1',
      ...(method !== 'GET' && { origin: `http://${host}`, 'sec-fetch-site': 'same-origin' }),
    };
    return this.sendBare(method, path, { ...sending, headers: { ...marks, ...sending.headers } });
  }

  /** With the cookies, without the marks of the page: what another site can have a browser send at most. */
  async sendBare(method: string, path: string, { body, headers, address }: Sending): Promise<PageAnswer> {
    const answer = await this.connection.send({
      method,
      path: `/console/api${path}`,
      body,
      headers: { ...this.cookieHeader(), ...headers },
      ...(address !== undefined && { address }),
    });
    return this.take(answer);
  }

  logIn(portal: string, { username, password }: Credentials, sending: Sending = {}): Promise<PageAnswer> {
    return this.post('/v1/login', { portal, username, password }, sending);
  }

  cookieHeader(): Record<string, string> {
    return this.jar.size === 0 ? {} : { cookie: stringifyCookie(Object.fromEntries(this.jar)) };
  }

  /** Throws if the page was shown what is in a cookie, or a token but for what is handed on. */
  checkNothingWasSeen(): void {
    let seen = this.seen.join('\n');
    for (const secret of this.handedOn) seen = seen.replace(secret, '');
    for (const secret of this.secrets) {
      if (seen.includes(secret)) throw new Error('the page was shown what is in a cookie');
    }
    if (/\b(ses_|lgn_|svc_|pwl_)/.test(seen)) throw new Error('the page was shown a token');
  }

  close(): void {
    this.connection.close();
  }

  private take({ status, headers: all, text }: RawAnswer): PageAnswer {
    const { 'set-cookie': set = [], ...headers } = all;
    const cookies = set.map((line) => parseSetCookie(line));
    for (const { name, value = '', maxAge } of cookies) {
      if (value === '' || maxAge === 0) this.jar.delete(name);
      else {
        this.jar.set(name, value);
        this.secrets.add(value);
      }
    }
    this.seen.push(JSON.stringify(headers), text);
    const isJson = /json$|json;/.test(headers['content-type'] ?? '');
    const body = isJson && text !== '' ? (JSON.parse(text) as Record<string, unknown>) : {};
    return { status, headers, text, body, cookies };
  }
}
