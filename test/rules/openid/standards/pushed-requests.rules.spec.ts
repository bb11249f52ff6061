import { randomBytes } from 'node:crypto';
import { type Changes, useByHand } from '#test/support/people/by-hand.js';
import { useProduct, usePortal } from '#test/support/use-stack.js';

const product = useProduct();
const portal = usePortal(product);
const byHand = useByHand(product, portal);
const others = useByHand(product, portal);

const errorOf = ({ url, text }: { url: URL; text: string }) => url.searchParams.get('error') ?? text;

describe('RFC 7636: PKCE', () => {
  it.each([
    ['no challenge', { code_challenge: undefined, code_challenge_method: undefined }],
    ['a challenge without a method, which means plain', { code_challenge_method: undefined }],
    ['the method plain', { code_challenge_method: 'plain' }],
    ['a method that there is not', { code_challenge_method: 'S512' }],
    ['a challenge that is too short', { code_challenge: 'a'.repeat(42) }],
    ['a challenge of other characters', { code_challenge: '='.repeat(43) }],
    ['a method without a challenge', { code_challenge: undefined }],
  ])('R35 RFC 7636 §4.2, §4.3, §4.4.1 begins no login with %s', async (_, changes: Changes) => {
    expect(errorOf(await byHand.browser().go(byHand.request(changes).url))).toMatch(/invalid_request/);
  });

  it.each([
    ['another verifier', randomBytes(32).toString('base64url')],
    ['none', undefined],
    ['one that is too short', 'a'.repeat(42)],
    ['one that is too long', 'a'.repeat(129)],
    ['one of other characters', '='.repeat(43)],
    ['the challenge in its place', 'challenge'],
  ])('R35 RFC 7636 §4.1, §4.6 redeems no code with %s', async (_, given) => {
    const { parameters } = byHand.parameters();
    const answer = await byHand
      .browser()
      .authorize(`${byHand.issuer}/auth?${parameters.toString()}`, await portal.register());
    const code = answer.url.searchParams.get('code')!;
    const code_verifier = given === 'challenge' ? parameters.get('code_challenge')! : given;
    const { status, body } = await byHand.redeem(code, '', { code_verifier });
    expect([status, body]).toEqual([
      400,
      expect.objectContaining({ error: expect.stringMatching(/invalid_(grant|request)/) as string }),
    ]);
    expect(body).not.toHaveProperty('access_token');
  });

  it('R35 RFC 7636 §4.4 binds a challenge to its code: the verifier of another login is none', async () => {
    const person = await portal.register();
    const [one, two] = [await byHand.codeFor(person), await byHand.codeFor(person)];
    expect((await byHand.redeem(one.code, two.verifier)).body.error).toBe('invalid_grant');
  });
});

describe('RFC 9126: pushed authorization requests', () => {
  interface Pushed {
    readonly request_uri?: string;
    readonly expires_in?: number;
    readonly error?: string;
  }
  const push = (changes: Changes = {}, headers = byHand.authorization) => {
    const { verifier, parameters } = byHand.parameters(changes);
    return byHand.post<Pushed>('/request', parameters, headers).then((answer) => ({ ...answer, verifier }));
  };
  const use = (request_uri: string, of = byHand, changes: Changes = {}) => {
    const parameters = { client_id: of.application.clientId, request_uri, ...changes } as Record<string, string>;
    return `${byHand.issuer}/auth?${new URLSearchParams(parameters).toString()}`;
  };

  it('R35 RFC 9126 §2.2 are answered 201 with an address that nobody guesses, for a short time, cached by nobody', async () => {
    const answers = [await push(), await push()];
    for (const { status, headers, body } of answers) {
      expect(status).toBe(201);
      expect(headers.get('cache-control')).toContain('no-store');
      expect(body.request_uri).toMatch(/^urn:ietf:params:oauth:request_uri:[A-Za-z0-9_-]{21,}$/);
      expect(body.expires_in).toBeGreaterThan(4);
      expect(body.expires_in).toBeLessThanOrEqual(600);
    }
    expect(answers[0]!.body.request_uri).not.toBe(answers[1]!.body.request_uri);
  });

  it('R35 RFC 9126 §4 log a person in as they say, whatever else the browser brings', async () => {
    const { body, verifier } = await push({ state: 'pushed' });
    const changed = use(body.request_uri!, byHand, { state: 'changed', redirect_uri: 'https://evil.example/' });
    const { url } = await byHand.browser().authorize(changed, await portal.register());
    expect([url.origin, url.searchParams.get('state')]).toEqual([byHand.application.origin, 'pushed']);
    expect((await byHand.redeem(url.searchParams.get('code')!, verifier)).body).toMatchObject({ token_type: 'Bearer' });
  });

  it('R35 RFC 9126 §2.2, §7.3 are good once, for the application alone that has pushed them', async () => {
    const { body } = await push();
    const stolen = await byHand.browser().go(use(body.request_uri!, others));
    expect([stolen.url.origin, errorOf(stolen)]).toEqual([product.origin, expect.stringMatching(/invalid_request/)]);
    const { url } = await byHand.browser().authorize(use(body.request_uri!), await portal.register());
    expect(url.searchParams.get('code')).not.toBeNull();
    expect(errorOf(await byHand.browser().go(use(body.request_uri!)))).toMatch(/invalid_request/);
  });

  it('R35 RFC 9126 §2.2 are over when they have expired', async () => {
    const { body } = await push();
    product.clock.advance(body.expires_in! + 1);
    expect(errorOf(await byHand.browser().go(use(body.request_uri!)))).toMatch(/invalid_request/);
  });

  it('R35 RFC 9126 §2.1 are taken from who proves to be that client alone', async () => {
    const basic = (secret: string) => ({
      authorization: `Basic ${Buffer.from(`${byHand.application.clientId}:${secret}`).toString('base64')}`,
    });
    for (const headers of [{}, basic('a guess'), basic(others.application.clientSecret!)]) {
      const { status, body } = await push({}, headers);
      expect([status, body]).toEqual([401, expect.objectContaining({ error: 'invalid_client' })]);
    }
    const { status, body } = await push({ client_id: others.application.clientId });
    expect([status, body.error]).toEqual([400, 'invalid_request']);
  });

  it.each([
    ['a request_uri', { request_uri: 'urn:ietf:params:oauth:request_uri:x' }, 'request_uri'],
    ['a redirect_uri that is not registered', { redirect_uri: 'https://evil.example/' }, 'invalid_r'],
    ['no redirect_uri', { redirect_uri: undefined }, 'invalid_request'],
    ['no PKCE', { code_challenge: undefined, code_challenge_method: undefined }, 'invalid_request'],
    ['another response_type', { response_type: 'token' }, 'unsupported_response_type'],
  ])('R35 RFC 9126 §2.1, §2.3 are refused at once with %s', async (_, changes: Changes, error) => {
    const { status, body } = await push(changes);
    expect([status, body.error]).toEqual([400, expect.stringContaining(error)]);
    expect(body).not.toHaveProperty('request_uri');
  });

  it('R35 RFC 9126 §2.3 are taken by POST alone, and not where they are too large', async () => {
    const got = await fetch(`${byHand.issuer}/request`, { headers: byHand.authorization });
    expect([404, 405]).toContain(got.status);
    const { status, body } = await push({ state: 'x'.repeat(200_000) });
    expect([400, 413]).toContain(status);
    expect(body).not.toHaveProperty('request_uri');
  });
});
