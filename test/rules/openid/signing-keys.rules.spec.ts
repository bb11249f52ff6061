import { createLocalJWKSet, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from 'jose';
import * as client from 'openid-client';
import { Application, type LoggedIn } from '#test/support/people/application.js';
import { HandBrowser } from '#test/support/people/hand-browser.js';
import { Portal } from '#test/support/people/portal.js';
import { until } from '#test/support/until.js';
import { usePortal, useStack } from '#test/support/use-stack.js';

const stack = useStack();
const portal = usePortal(stack);
let application: Application;
beforeAll(async () => {
  application = await Application.open(portal, stack.origin);
});
afterAll(() => application?.close());

const HOURS = 3_600;
const browser = () => new HandBrowser(stack.origin, ({ origin }) => origin === application.origin);
async function logIn(window = browser()): Promise<LoggedIn> {
  // hours have gone by
  await portal.admin.signIn();
  const { url, end } = await application.begin();
  return end((await window.authorize(url, await portal.register())).url);
}
const signedWith = ({ tokens }: LoggedIn) => decodeProtectedHeader(tokens.id_token!).kid;
const published = async (of = portal): Promise<JSONWebKeySet> =>
  (await fetch(`${stack.origin}/p/${of.id}/jwks`)).json() as Promise<JSONWebKeySet>;
const kids = async () => (await published()).keys.map(({ kid }) => kid);
/** The one that signs is the first; each instance looks at what is stored a second ago at most. */
const become = (...expected: string[]) =>
  until(`${expected.join()} are published`, async () => (await kids()).join() === expected.join(), 3_000);
const verifies = async ({ tokens }: LoggedIn, keys?: JSONWebKeySet) =>
  jwtVerify(tokens.id_token!, createLocalJWKSet(keys ?? (await published()))).then(
    () => true,
    () => false,
  );
const listed = async () => (await stack.operator.signingKeys()).success().keys;
const states = async () => (await listed()).map(({ id, state }) => [id, state]);

describe('the keys that ID tokens are signed with', () => {
  it('R35 are rotated by the operator: the new key is published a day before it signs, the old one as long as its tokens are in use', async () => {
    const before = await logIn();
    const old = signedWith(before)!;
    const cached = await published();
    expect(await states()).toEqual([[old, 'signing']]);

    const { keys } = (await stack.operator.rotateSigningKeys()).success();
    const { id: next, signsFrom } = keys[0]!;
    expect(await kids()).toEqual([old, next]);
    expect(await published(await Portal.make(stack))).toEqual(await published());
    expect(signedWith(await logIn())).toBe(old);
    expect(Date.parse(signsFrom) - stack.clock.now()).toBeGreaterThan(23 * HOURS * 1_000);

    stack.clock.advance(24 * HOURS + 2);
    await become(next, old);
    const after = await logIn();
    expect(signedWith(after)).toBe(next);
    expect([await verifies(before), await verifies(after)]).toEqual([true, true]);
    // what was fetched before the rotation has the one key, which is told by its id
    expect([await verifies(before, cached), await verifies(after, cached)]).toEqual([true, false]);

    const publishedUntil = Date.parse((await listed())[1]!.publishedUntil!);
    stack.clock.advance(Math.ceil((publishedUntil - stack.clock.now()) / 1_000) + 2);
    await become(next);
    expect([await verifies(before), await verifies(after)]).toEqual([false, true]);
    expect(await states()).toEqual([[next, 'signing']]);
  });

  it('R35 are rotated by one of two at once, and not again before the new key signs', async () => {
    const answers = await Promise.all([stack.operator.rotateSigningKeys(), stack.operator.rotateSigningKeys()]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
    (await stack.operator.rotateSigningKeys()).refused('rotation-under-way');
    expect((await states()).map(([, state]) => state)).toEqual(['next', 'signing']);
    stack.clock.advance(24 * HOURS + 2);
    (await stack.operator.rotateSigningKeys()).success();
    expect((await states()).map(([, state]) => state)).toEqual(['next', 'signing', 'previous']);
  });

  it('R35 that have leaked are published no more once that is answered; a new one signs at once, and nobody is logged out', async () => {
    const window = browser();
    const before = await logIn(window);
    const { keys } = (await stack.operator.rotateSigningKeys({ now: true })).success();
    expect(keys).toMatchObject([{ state: 'signing' }]);
    expect(await kids()).toEqual([keys[0]!.id]);
    expect(await verifies(before)).toBe(false);
    const { url, end } = await application.begin({ prompt: 'none' });
    const again = await end((await window.go(url)).url);
    expect(signedWith(again)).toBe(keys[0]!.id);
    expect(await verifies(again)).toBe(true);
    const { active } = await client.tokenIntrospection(application.config, before.tokens.access_token);
    expect(active).toBe(true);
  });

  it('R35 are told to the operator alone, by ids and times, and are rotated by nobody else', async () => {
    for (const api of [stack.api, portal.api, await portal.service('commands', 'accounts', 'erasure')]) {
      const code = api === stack.api ? 'unauthenticated' : 'forbidden';
      (await api.signingKeys()).refused(code);
      (await api.rotateSigningKeys()).refused(code);
    }
    const { text } = await stack.operator.raw('GET', '/v1/installation/signing-keys');
    for (const { x, y } of (await published()).keys)
      expect([text.includes(x!), text.includes(y!)]).toEqual([false, false]);
    expect(Object.keys((await listed())[0]!).sort()).toEqual(['id', 'madeAt', 'signsFrom', 'state']);
  });

  it('R35 are rotated on the command line too, with a confirmation where tokens are refused by it', async () => {
    const rotated = JSON.parse((await stack.run('signing-keys', 'rotate', '--json')).stdout) as { keys: object[] };
    expect(rotated.keys).toMatchObject([{ state: 'next' }, { state: 'signing' }]);
    await expect(stack.run('signing-keys', 'rotate')).rejects.toMatchObject({
      code: 3,
      stderr: expect.stringContaining('signs from') as string,
    });
    await expect(stack.run('signing-keys', 'rotate', '--now')).rejects.toMatchObject({ code: 2 });
    const { stdout } = await stack.run('signing-keys', 'rotate', '--now', '--yes');
    expect(stdout).toContain((await kids())[0]);
    expect((await stack.run('signing-keys', 'list')).stdout).toBe(stdout);
    expect(stack.output()).toContain('signing keys rotated');
  });
});
