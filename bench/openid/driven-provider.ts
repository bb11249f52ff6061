import { createHash, randomBytes } from 'node:crypto';
import { HandBrowser } from '#test/support/people/hand-browser.js';
import { drive, type Driven } from '../load/drive.js';
import type { Worker } from '../process/child.js';
import type { Server } from '../process/server.js';
import { concurrently } from '../seed/concurrently.js';
import type { bareClient } from './bare-client.js';

type Client = typeof bareClient;
/** As many requests at once. */
export const CONNECTIONS = 16;
/** Of people: of the bare library each keeps in one list what it has been given. */
const SESSIONS = 64;
/** Of each session in a batch. The memory adapter keeps some 1,000 entries; a code becomes three. */
const CODES = 3;
/** Redeemed in one batch. */
export const BATCH = SESSIONS * CODES;

interface Tokens {
  readonly access_token: string;
}
interface LoggedIn {
  readonly browser: HandBrowser;
  readonly authorization: URL;
}

let addresses = 0;
/** From an address that few others come from: what one address begins within a minute is limited. */
const fromElsewhere = () => ({ headers: { 'x-forwarded-for': `198.51.100.${(addresses += 1) % 250}` } });

/** An OpenID Provider with people who are logged in, and a client that asks for tokens and for what they are good for. */
export class DrivenProvider {
  private readonly verifier = randomBytes(32).toString('base64url');
  private readonly sessions: LoggedIn[] = [];
  private readonly headers: Readonly<Record<string, string>>;

  /** @param path of the provider at the server; empty, or `/p/<portal>` */
  constructor(
    private readonly server: Server,
    private readonly path: string,
    private readonly client: Client,
  ) {
    const basic = [client.id, client.secret].map(encodeURIComponent).join(':');
    this.headers = {
      authorization: `Basic ${Buffer.from(basic).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    };
  }

  /** @param logIn has a browser, which was sent to the provider, come back to the client */
  async open(logIn: (browser: HandBrowser, authorization: URL, index: number) => Promise<unknown>): Promise<void> {
    await concurrently(SESSIONS, 8, async (index) => {
      const { origin } = new URL(this.client.redirectUri);
      const browser = new HandBrowser(this.server.url, (url) => url.origin === origin);
      const authorization = this.authorization(index);
      await logIn(browser, authorization, index);
      this.sessions[index] = { browser, authorization };
    });
  }

  /** The exchange of codes, each of which was given to somebody who is logged in. */
  async exchange(worker: Worker): Promise<Driven> {
    const codes: string[] = [];
    await concurrently(BATCH, 8, async (index) => {
      const { browser, authorization } = this.sessions[index % SESSIONS]!;
      const { url } = await browser.go(authorization, fromElsewhere());
      codes[index] = this.exchangeOf(url);
    });
    const bodies = Array.from({ length: CONNECTIONS }, (_, lane) =>
      codes.filter((__, index) => index % CONNECTIONS === lane),
    );
    const job = { path: `${this.path}/token`, headers: this.headers, bodies, requests: BATCH / CONNECTIONS };
    return answered(await drive(worker, this.server, job), BATCH);
  }

  /** Introspection of tokens that are good, one of each session. */
  async introspection(worker: Worker, requests: number): Promise<Driven> {
    const bodies = await Promise.all(
      Array.from({ length: CONNECTIONS }, async (_, lane) => {
        const { browser, authorization } = this.sessions[lane]!;
        const { url } = await browser.go(authorization, fromElsewhere());
        const { access_token: token } = await this.ask<Tokens>('/token', this.exchangeOf(url));
        const body = new URLSearchParams({ token }).toString();
        const { active } = await this.ask<{ active: boolean }>('/token/introspection', body);
        if (!active) throw new Error('a new token is not active');
        return [body];
      }),
    );
    const ofEach = Math.ceil(requests / CONNECTIONS);
    const job = { path: `${this.path}/token/introspection`, headers: this.headers, bodies, requests: ofEach };
    return answered(await drive(worker, this.server, job), ofEach * CONNECTIONS);
  }

  private async ask<Answer>(path: string, body: string): Promise<Answer> {
    const response = await fetch(`${this.server.url}${this.path}${path}`, {
      method: 'POST',
      headers: this.headers,
      body,
    });
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as Answer;
  }

  private authorization(index: number): URL {
    const url = new URL(`${this.server.url}${this.path}/auth`);
    url.search = new URLSearchParams({
      client_id: this.client.id,
      redirect_uri: this.client.redirectUri,
      response_type: 'code',
      scope: 'openid profile email',
      code_challenge: createHash('sha256').update(this.verifier).digest('base64url'),
      code_challenge_method: 'S256',
      login_hint: `person-${index}`,
    }).toString();
    return url;
  }

  private exchangeOf(answer: URL): string {
    const code = answer.searchParams.get('code');
    if (code === null) throw new Error(`no code: ${answer.href}`);
    return new URLSearchParams({
      grant_type: 'authorization_code',
      code,
      redirect_uri: this.client.redirectUri,
      code_verifier: this.verifier,
    }).toString();
  }
}

function answered(driven: Driven, requests: number): Driven {
  if (driven.statuses[200] === requests) return driven;
  throw new Error(`the answers were not as expected: ${JSON.stringify(driven.statuses)}`);
}
