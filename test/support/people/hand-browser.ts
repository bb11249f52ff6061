import { parseSetCookie } from 'cookie';
import type { Person } from './portal.js';

interface Kept {
  readonly value: string;
  readonly path: string;
}
export interface Gone {
  readonly status: number;
  readonly url: URL;
  readonly headers: Headers;
  readonly text: string;
}
type Interaction = { application: string; loginHint?: string; needs: null | { kind: string; missing?: string[] } };

/** What a browser does with redirects, cookies and the console's page, by HTTP alone. */
export class HandBrowser {
  private readonly cookies = new Map<string, Kept>();

  constructor(
    private readonly origin: string,
    /** Where it stops: an application's, which is not called. */
    private readonly isApplications: (url: URL) => boolean,
  ) {}

  /** As far as the redirects lead: to the application, or to a page. */
  async go(address: string | URL, init: RequestInit = {}): Promise<Gone> {
    let url = new URL(address, this.origin);
    for (let step = 0; step < 20; step += 1) {
      if (this.isApplications(url)) return { status: 302, url, headers: new Headers(), text: '' };
      const response = await this.send(url, step === 0 ? init : {});
      const location = response.headers.get('location');
      const { status, headers } = response;
      if (location === null) return { status, url, headers, text: await response.text() };
      url = new URL(location, url);
    }
    throw new Error(`redirected too often: ${url.href}`);
  }

  /** By the calls that the console's page makes. */
  async call<Body = Record<string, unknown>>(
    path: string,
    body?: unknown,
    more: Record<string, string> = {},
  ): Promise<{ status: number; body: Body }> {
    const response = await this.send(new URL(path, this.origin), {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        'x-twinlock-console': '1',
        ...more,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: (text === '' ? {} : JSON.parse(text)) as Body };
  }

  /** At the console: with whatever is asked for. */
  async logIn(person: Person, { remember = false } = {}): Promise<void> {
    const login = await this.call('/console/api/v1/login', { portal: person.portal, ...person.credentials });
    if (login.status !== 200) throw new Error(`the login was refused: ${JSON.stringify(login.body)}`);
    if (login.body.status !== 'code-required') return;
    const typed = { code: person.phone.freshCode(), ...(remember && { remember }) };
    const code = await this.call('/console/api/v1/login/code', typed);
    if (code.status !== 200) throw new Error(`the code was refused: ${JSON.stringify(code.body)}`);
  }

  async logOut(): Promise<void> {
    await this.call('/console/api/v1/logout', {});
  }

  async prove(person: Person): Promise<void> {
    const { password } = person.credentials;
    const answer = await this.call('/console/api/v1/me/re-authenticate', { password, code: person.phone.freshCode() });
    if (answer.status !== 200) throw new Error(`the proof was refused: ${JSON.stringify(answer.body)}`);
  }

  /** In the session that it has. */
  async enrol(person: Person): Promise<void> {
    const setup = await this.call<{ otpauthUri: string }>('/console/api/v1/me/two-factor/setup', {});
    const code = person.scan(setup.body.otpauthUri).freshCode();
    const confirmed = await this.call('/console/api/v1/me/two-factor/confirm', { code });
    if (confirmed.status !== 200) throw new Error(`setting up was refused: ${JSON.stringify(confirmed.body)}`);
  }

  /** What the page that it was sent to asks. */
  async asked({ url }: Gone): Promise<Interaction> {
    return (await this.call<Interaction>(`${this.interactionOf(url)}/details`)).body;
  }

  /** Nothing is missing: on to the application. */
  async complete({ url }: Gone): Promise<Gone> {
    const { status, body } = await this.call<{ location: string }>(`${this.interactionOf(url)}/complete`, {});
    return status === 200
      ? this.go(body.location)
      : { status, url, headers: new Headers(), text: JSON.stringify(body) };
  }

  async cancel({ url }: Gone): Promise<Gone> {
    return this.go((await this.call<{ location: string }>(`${this.interactionOf(url)}/cancel`, {})).body.location);
  }

  /** Sent by an application, logs in with whatever is asked for, and goes on to it. */
  async authorize(address: string | URL, person: Person): Promise<Gone> {
    const page = await this.go(address);
    if (this.isApplications(page.url)) return page;
    if ((await this.asked(page)).needs?.kind === 'login') await this.logIn(person);
    return this.complete(page);
  }

  /** `/console/authorize/<portal>/<uid>` */
  interactionOf(url: URL): string {
    const [, portal, uid] = /^\/console\/authorize\/([^/]+)\/([^/]+)$/.exec(url.pathname) ?? [];
    if (portal === undefined) throw new Error(`not asked to log in: ${url.href}`);
    return `/p/${portal}/interaction/${uid}`;
  }

  /** Of a person who was handed over (R34). */
  handedOver({ url, status, text }: Gone): HandOverPage {
    if (!url.pathname.startsWith('/console/hand-over/'))
      throw new Error(`not handed over: ${url.href} ${status} ${text}`);
    return new HandOverPage(this, url);
  }

  /** As a neighbour of its domain could. */
  plant(name: string, value: string, path = '/'): void {
    this.cookies.set(name, { value, path });
  }

  cookie(name: string): string | undefined {
    return this.cookies.get(name)?.value;
  }

  private async send(url: URL, init: RequestInit): Promise<Response> {
    const sent = [...this.cookies].filter(([, { path }]) => url.pathname.startsWith(path));
    const cookie = sent.map(([name, { value }]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, {
      ...init,
      redirect: 'manual',
      headers: { ...(init.headers as Record<string, string>), ...(cookie !== '' && { cookie }) },
    });
    for (const line of response.headers.getSetCookie()) {
      const { name, value, path = '/', maxAge, expires } = parseSetCookie(line);
      const isOver = maxAge === 0 || (expires !== undefined && expires.getTime() <= Date.now()) || !value;
      if (isOver) this.cookies.delete(name);
      else this.cookies.set(name, { value, path });
    }
    return response;
  }
}

/** What the console's page does where a gateway has handed a person over. */
export class HandOverPage {
  private readonly path: string;
  private readonly uid: string;

  constructor(
    private readonly browser: HandBrowser,
    url: URL,
  ) {
    const [, portal, uid] = /^\/console\/hand-over\/([^/]+)\/([^/]+)$/.exec(url.pathname) ?? [];
    if (portal === undefined || uid === undefined) throw new Error(`not handed over: ${url.href}`);
    [this.path, this.uid] = [`/p/${portal}/hand-over/${uid}`, uid];
  }

  get cookie(): string {
    return `twinlock-hand-over-${this.uid}`;
  }

  async asked(): Promise<Record<string, unknown>> {
    return (await this.browser.call(`${this.path}/details`)).body;
  }

  prove(typed: { code?: string; backupCode?: string }) {
    return this.browser.call(`${this.path}/code`, typed);
  }

  /** A call of the product's own, with what the hand-over gives. */
  call<Body = Record<string, unknown>>(path: string, body?: unknown) {
    return this.browser.call<Body>(`/console/api${path}`, body, { 'x-twinlock-hand-over': this.uid });
  }

  complete(): Promise<Gone> {
    return this.end('complete');
  }

  cancel(): Promise<Gone> {
    return this.end('cancel');
  }

  private async end(what: 'complete' | 'cancel'): Promise<Gone> {
    const { status, body } = await this.browser.call<{ location: string }>(`${this.path}/${what}`, {});
    const url = new URL(status === 200 ? body.location : 'about:blank');
    return { status, url, headers: new Headers(), text: JSON.stringify(body) };
  }
}
