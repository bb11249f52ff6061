import { Application } from '#test/support/people/application.js';
import { type Changes, useByHand } from '#test/support/people/by-hand.js';
import type { Gone, HandBrowser } from '#test/support/people/hand-browser.js';
import { useProduct, usePortal } from '#test/support/use-stack.js';

const product = useProduct();
const portal = usePortal(product);
const byHand = useByHand(product, portal);
const others = useByHand(product, portal);

const form = { 'content-type': 'application/x-www-form-urlencoded' };
const encoded = (parameters: Changes) => new URLSearchParams(parameters as Record<string, string>).toString();
const bye = () => `${byHand.application.origin}/bye`;
const ask = (window: HandBrowser, parameters: Changes) =>
  window.go(`${byHand.issuer}/session/end?${encoded(parameters)}`);
/** The page asks, and the person answers. */
function answer(window: HandBrowser, { text }: Gone, answered: 'yes' | 'no'): Promise<Gone> {
  const [, action, xsrf] = /action="([^"]+)".*name="xsrf" value="([^"]+)"/.exec(text)!;
  const body = encoded({ xsrf, ...(answered === 'yes' && { logout: 'yes' }) });
  return window.go(action!, { method: 'POST', headers: form, body });
}
const isLoggedIn = async (window: HandBrowser) => (await window.call('/console/api/v1/me')).status === 200;
async function loggedIn() {
  const window = byHand.browser();
  const { code, verifier } = await byHand.codeFor(await portal.register(), {}, window);
  return { window, hint: (await byHand.redeem(code, verifier)).body.id_token! };
}

describe('OpenID Connect RP-Initiated Logout 1.0', () => {
  it.each(['GET', 'POST'])('R35 Logout §2 takes requests by %s, and gives the state back', async (method) => {
    const { window, hint } = await loggedIn();
    const parameters = { id_token_hint: hint, post_logout_redirect_uri: bye(), state: 'a state' };
    const asked =
      method === 'GET'
        ? await ask(window, parameters)
        : await window.go(`${byHand.issuer}/session/end`, { method, headers: form, body: encoded(parameters) });
    expect([asked.status, asked.text]).toEqual([200, expect.stringContaining('Log out?')]);
    const { url } = await answer(window, asked, 'yes');
    expect([url.origin + url.pathname, url.searchParams.get('state')]).toEqual([bye(), 'a state']);
    expect(await isLoggedIn(window)).toBe(false);
  });

  it('R35 Logout §2 asks the person, with a hint and without one, and logs nobody out before the answer', async () => {
    const { window, hint } = await loggedIn();
    const stranger = await loggedIn();
    for (const parameters of [
      {},
      { id_token_hint: hint },
      { id_token_hint: stranger.hint },
      { client_id: byHand.application.clientId },
    ]) {
      const asked = await ask(window, parameters);
      expect(asked.text).toContain('Log out?');
      expect(await isLoggedIn(window)).toBe(true);
      await answer(window, asked, 'no');
      expect(await isLoggedIn(window)).toBe(true);
    }
  });

  it('R35 Logout §2 stays where it is without post_logout_redirect_uri', async () => {
    const { window, hint } = await loggedIn();
    const { url, text } = await answer(window, await ask(window, { id_token_hint: hint }), 'yes');
    expect([url.origin, text]).toEqual([product.origin, expect.stringContaining('You are logged out')]);
    expect(await isLoggedIn(window)).toBe(false);
  });

  it('R35 Logout §2, §3 sends nobody to an address that is not registered to the letter, or that no client is named with', async () => {
    const { window, hint } = await loggedIn();
    const wrong = ['https://evil.example/', `${bye()}/`, `${bye()}?x`, byHand.application.redirectUri];
    for (const uri of wrong) {
      const gone = await ask(window, { id_token_hint: hint, post_logout_redirect_uri: uri });
      expect([uri, gone.status, gone.url.origin]).toEqual([uri, 400, product.origin]);
    }
    const unnamed = await ask(window, { post_logout_redirect_uri: bye() });
    const gone = unnamed.text.includes('Log out?') ? await answer(window, unnamed, 'yes') : unnamed;
    expect(gone.url.origin).toBe(product.origin);
    // a loopback address has any port at the login alone
    const open = await Application.open(portal, product.origin, { public: true });
    const moved = { client_id: open.clientId, post_logout_redirect_uri: 'http://127.0.0.1:1/bye' };
    expect((await ask(window, moved)).status).toBe(400);
    await open.close();
  });

  it('R35 Logout §2 takes no hint that it has not issued, nor one of another client than that which is named', async () => {
    const { window, hint } = await loggedIn();
    const [head, payload, signature] = hint.split('.') as [string, string, string];
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object;
    const altered = Buffer.from(JSON.stringify({ ...claims, sub: 'another' })).toString('base64url');
    const unsigned = Buffer.from('{"alg":"none"}').toString('base64url');
    for (const wrong of ['teapot', `${head}.${altered}.${signature}`, `${unsigned}.${payload}.`]) {
      const gone = await ask(window, { id_token_hint: wrong, post_logout_redirect_uri: bye() });
      expect([gone.status, gone.url.origin]).toEqual([400, product.origin]);
    }
    expect((await ask(window, { id_token_hint: hint, client_id: others.application.clientId })).status).toBe(400);
    expect(await isLoggedIn(window)).toBe(true);
  });
});
