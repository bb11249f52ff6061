import { createHash, randomBytes } from 'node:crypto';
import { Application } from './application.js';
import { HandBrowser } from './hand-browser.js';
import type { Person, Portal } from './portal.js';

export type Changes = Readonly<Record<string, string | undefined>>;
export interface FormAnswer<Body> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}
export interface TokenBody {
  readonly error?: string;
  readonly access_token?: string;
  readonly refresh_token?: string;
  readonly id_token?: string;
  readonly token_type?: string;
  readonly expires_in?: number;
}

const given = (parameters: Changes): [string, string][] =>
  Object.entries(parameters).filter((each): each is [string, string] => each[1] !== undefined);

/** What an application sends, as somebody else than a library writes it: with whatever is to be wrong with it. */
export class ByHand {
  constructor(
    private readonly product: { readonly origin: string },
    public application: Application,
  ) {}

  get issuer(): string {
    return `${this.product.origin}/p/${this.application.portal.id}`;
  }
  /** By the secret; of a public client nothing. */
  get authorization(): Readonly<Record<string, string>> {
    const { clientId, clientSecret } = this.application;
    if (clientSecret === undefined) return {};
    return { authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}` };
  }

  /** The parameters of a request, with the verifier of its PKCE. A change to undefined leaves one out. */
  parameters(changes: Changes = {}) {
    const verifier = randomBytes(32).toString('base64url');
    const parameters = new URLSearchParams(
      given({
        client_id: this.application.clientId,
        redirect_uri: this.application.redirectUri,
        response_type: 'code',
        scope: 'openid',
        code_challenge: createHash('sha256').update(verifier).digest('base64url'),
        code_challenge_method: 'S256',
        state: 'a-state',
        ...changes,
      }),
    );
    return { verifier, parameters };
  }

  request(changes: Changes = {}) {
    const { verifier, parameters } = this.parameters(changes);
    return { verifier, url: `${this.issuer}/auth?${parameters.toString()}` };
  }

  browser(): HandBrowser {
    return new HandBrowser(this.product.origin, ({ origin }) => origin === this.application.origin);
  }

  /** The person logs in, and the browser comes back with a code. */
  async codeFor(person: Person, changes: Changes = {}, window = this.browser()) {
    const { verifier, url } = this.request(changes);
    const answer = await window.authorize(url, person);
    return { verifier, code: answer.url.searchParams.get('code')!, answer };
  }

  redeem(code: string, verifier: string, changes: Changes = {}): Promise<FormAnswer<TokenBody>> {
    const { redirectUri: redirect_uri } = this.application;
    const body = { grant_type: 'authorization_code', code, code_verifier: verifier, redirect_uri, ...changes };
    return this.post<TokenBody>('/token', body);
  }

  /** The person logs in, and the code is redeemed. */
  async tokensFor(person: Person, changes: Changes = {}) {
    const { code, verifier } = await this.codeFor(person, changes);
    return (await this.redeem(code, verifier)).body;
  }

  /** A form, by the client unless told. */
  async post<Body = Record<string, unknown>>(
    path: string,
    form: Changes | URLSearchParams,
    headers: Readonly<Record<string, string>> = this.authorization,
  ): Promise<FormAnswer<Body>> {
    const body = form instanceof URLSearchParams ? form : new URLSearchParams(given(form));
    const response = await fetch(`${this.issuer}${path}`, { method: 'POST', headers, body, redirect: 'manual' });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') ?? false;
    return { status: response.status, headers: response.headers, body: (isJson ? JSON.parse(text) : {}) as Body };
  }
}

/** An application for all tests of a file. */
export function useByHand(product: { readonly origin: string }, portal: Portal): ByHand {
  const byHand = new ByHand(product, undefined as never);
  beforeAll(async () => {
    byHand.application = await Application.open(portal, product.origin);
  });
  afterAll(() => byHand.application?.close());
  return byHand;
}
