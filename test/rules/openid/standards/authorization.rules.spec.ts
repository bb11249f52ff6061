import { type Changes, useByHand } from '#test/support/people/by-hand.js';
import { useProduct, usePortal } from '#test/support/use-stack.js';

const product = useProduct();
const portal = usePortal(product);
const byHand = useByHand(product, portal);

const answerOf = ({ url }: { url: URL }) => Object.fromEntries(url.searchParams);
const form = { 'content-type': 'application/x-www-form-urlencoded' };
/** In a browser that nobody is logged in at. */
const ask = (changes: Changes = {}, window = byHand.browser()) => window.go(byHand.request(changes).url);

describe('OpenID Connect Core 1.0: the authorization endpoint', () => {
  it('R35 Core §3.1.2.1 takes requests by GET and by POST', async () => {
    const person = await portal.register();
    const window = byHand.browser();
    const { parameters } = byHand.parameters();
    const posted = () =>
      window.go(`${byHand.issuer}/auth`, { method: 'POST', headers: form, body: parameters.toString() });
    const page = await posted();
    expect(await window.asked(page)).toMatchObject({ application: 'The Intranet', needs: { kind: 'login' } });
    await window.logIn(person);
    expect(answerOf(await window.complete(page))).toMatchObject({
      code: expect.any(String) as string,
      state: 'a-state',
    });
    // known by its cookies now
    expect(answerOf(await posted())).toMatchObject({ code: expect.any(String) as string });
    const large = await byHand.post('/auth', { ...Object.fromEntries(parameters), state: 'x'.repeat(9_000) });
    expect(large.status).toBe(413);
  });

  it('R35 Core §3.1.2.1, RFC 6749 §3.1 ignores parameters that it does not know, and those without a value', async () => {
    const { answer } = await byHand.codeFor(await portal.register(), { unknown: 'x', max_age: '', prompt: '' });
    expect(answerOf(answer)).toMatchObject({ code: expect.any(String) as string });
  });

  it.each(['client_id', 'redirect_uri', 'scope', 'response_type', 'state', 'prompt'])(
    'R35 RFC 6749 §3.1 takes no parameter twice: %s',
    async (name) => {
      const { url } = byHand.request({ prompt: 'login' });
      const twice = await byHand.browser().go(`${url}&${name}=${new URL(url).searchParams.get(name)}`);
      const error = answerOf(twice).error ?? twice.text;
      expect(error).toMatch(/invalid_request/);
      expect(answerOf(twice).code).toBeUndefined();
    },
  );

  it.each([
    ['no response_type', { response_type: undefined }, 'invalid_request'],
    ['an unknown response_type', { response_type: 'teapot' }, 'unsupported_response_type'],
    ['prompt none with another', { prompt: 'none login' }, 'invalid_request'],
    ['an unknown prompt', { prompt: 'teapot' }, 'invalid_request'],
    ['a max_age that is no number', { max_age: 'long' }, 'invalid_request'],
    ['a max_age below zero', { max_age: '-1' }, 'invalid_request'],
    ['a response_mode that is not for a code', { response_mode: 'teapot' }, 'unsupported_response_mode'],
    ['an id_token_hint that is none', { id_token_hint: 'teapot' }, 'invalid_request'],
    ['a registration', { registration: '{}' }, 'registration_not_supported'],
  ])('R35 Core §3.1.2.6 tells the application of an error, with its state: %s', async (_, changes: Changes, error) => {
    const answer = answerOf(await ask(changes));
    expect(answer).toMatchObject({ error, state: 'a-state', iss: byHand.issuer });
    expect(answer).not.toHaveProperty('code');
  });

  it('R35 Core §3.1.2.2 sends no browser to an address that is not registered to the letter', async () => {
    const { redirectUri, origin } = byHand.application;
    const others = [`${redirectUri}/`, `${redirectUri}?x`, redirectUri.toUpperCase(), origin, `${origin}/CALLBACK`, ''];
    for (const redirect_uri of others) {
      const page = await ask({ redirect_uri });
      expect([redirect_uri, page.status, page.url.origin]).toEqual([redirect_uri, 400, product.origin]);
    }
  });

  it('R35 Core §3.1.2.3 asks nobody with prompt=none: who is not logged in is told as login_required', async () => {
    const window = byHand.browser();
    expect(answerOf(await ask({ prompt: 'none' }, window))).toMatchObject({
      error: 'login_required',
      state: 'a-state',
    });
    await byHand.codeFor(await portal.register(), {}, window);
    expect(answerOf(await ask({ prompt: 'none' }, window))).toMatchObject({ code: expect.any(String) as string });
    const both = { prompt: 'none', acr_values: 'urn:twinlock:acr:2fa' };
    expect(answerOf(await ask(both, window))).toMatchObject({ error: 'login_required' });
    expect(answerOf(await ask({ prompt: 'none', max_age: '0' }, window))).toMatchObject({ error: 'login_required' });
  });

  it('R35 Core §3.1.2.1 takes the person of id_token_hint and no other', async () => {
    const [one, other] = [await portal.register(), await portal.register()];
    const hint = { id_token_hint: (await byHand.tokensFor(one)).id_token!, prompt: 'none' };
    const [ones, others] = [byHand.browser(), byHand.browser()];
    await byHand.codeFor(one, {}, ones);
    await byHand.codeFor(other, {}, others);
    expect(answerOf(await ask(hint, ones))).toMatchObject({ code: expect.any(String) as string });
    expect(answerOf(await ask(hint, others))).toMatchObject({ error: 'login_required' });
  });

  it('R35 Core §3.1.2.3 shows its pages in no frame of another site', async () => {
    const window = byHand.browser();
    await byHand.codeFor(await portal.register(), {}, window);
    for (const path of ['/auth', '/session/end']) {
      const { headers } = await window.go(`${byHand.issuer}${path}`);
      expect([path, headers.get('x-frame-options')]).toEqual([path, 'DENY']);
      expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    }
  });

  it('R35 Core §15.1 takes display, ui_locales, claims_locales, acr_values and login_hint without an error', async () => {
    const hints = {
      display: 'popup',
      ui_locales: 'fr',
      claims_locales: 'fr',
      acr_values: 'urn:other',
      login_hint: 'x',
    };
    const { answer } = await byHand.codeFor(await portal.register(), hints);
    expect(answerOf(answer)).toMatchObject({ code: expect.any(String) as string });
  });
});

describe('RFC 9207: the issuer in the answer', () => {
  it('R35 RFC 9207 §2 is that of the metadata, with a code and with an error', async () => {
    const { authorization_response_iss_parameter_supported, issuer } = byHand.application.config.serverMetadata();
    expect([authorization_response_iss_parameter_supported, issuer]).toEqual([true, byHand.issuer]);
    const { answer } = await byHand.codeFor(await portal.register());
    expect(answerOf(answer)).toMatchObject({ iss: issuer, code: expect.any(String) as string });
    expect(answerOf(await ask({ prompt: 'none' }))).toMatchObject({ iss: issuer, error: 'login_required' });
  });
});

describe('RFC 8252: applications on the own machine', () => {
  it('R35 RFC 8252 §7.3 are answered at any port of a loopback address, if they are public', async () => {
    const register = async (body: object) =>
      (await product.operator.registerClient(portal.id, { name: 'A tool', redirectUris: [], ...body })).success();
    const redirectUris = ['http://127.0.0.1/callback', 'http://localhost:4000/callback'];
    const [open, closed] = [await register({ redirectUris, public: true }), await register({ redirectUris })];
    const at = (client_id: string, redirect_uri: string) => ask({ client_id, redirect_uri, prompt: 'none' });
    const refused = { status: 400, text: expect.stringContaining('redirect_uri') as string };
    const own = byHand.application.redirectUri;
    expect(answerOf(await at(open.clientId, own))).toMatchObject({ error: 'login_required' });
    expect(await at(closed.clientId, own)).toMatchObject(refused);
    expect(await at(open.clientId, own.replace('127.0.0.1', 'localhost'))).toMatchObject(refused);
    expect(await at(open.clientId, `${own}/more`)).toMatchObject(refused);

    const { verifier, url } = byHand.request({ client_id: open.clientId });
    const { code } = answerOf(await byHand.browser().authorize(url, await portal.register())) as { code: string };
    const redeem = (redirect_uri: string) => {
      const form = { grant_type: 'authorization_code', code, code_verifier: verifier, redirect_uri };
      return byHand.post('/token', { ...form, client_id: open.clientId }, {});
    };
    expect((await redeem('http://127.0.0.1/callback')).body).toMatchObject({ error: 'invalid_grant' });
    expect((await redeem(own)).body).toMatchObject({ token_type: 'Bearer' });
  });
});
