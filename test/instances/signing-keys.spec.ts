import { createLocalJWKSet, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from 'jose';
import { Application } from '#test/support/people/application.js';
import { HandBrowser } from '#test/support/people/hand-browser.js';
import { Portal } from '#test/support/people/portal.js';
import { until } from '#test/support/until.js';
import { Cluster } from './support/cluster.js';

let cluster: Cluster;
let portal: Portal;
let application: Application;
let origin: string;
beforeAll(async () => {
  cluster = await Cluster.start(2);
  portal = await Portal.make(cluster);
  origin = cluster.all.gateway[0]!.origin;
  application = await Application.open(portal, origin);
}, 240_000);
afterAll(async () => {
  await application?.close();
  await cluster?.stop();
}, 60_000);

/** As each instance of the provider publishes them. */
const published = (): Promise<JSONWebKeySet[]> =>
  Promise.all(
    cluster.all.openid.map(async ({ origin: own }) => {
      const response = await fetch(`${own}/p/${portal.id}/jwks`);
      return (await response.json()) as JSONWebKeySet;
    }),
  );
const kids = async () => (await published()).map(({ keys }) => keys.map(({ kid }) => kid));
const become = (...expected: string[]) =>
  until(
    `both publish ${expected.join()}`,
    async () => (await kids()).every((all) => all.join() === expected.join()),
    3_000,
  );
async function idToken(): Promise<string> {
  await portal.admin.signIn();
  const browser = new HandBrowser(origin, (url) => url.origin === application.origin);
  const { url, end } = await application.begin();
  return (await end((await browser.authorize(url, await portal.register())).url)).tokens.id_token!;
}
/** The instances take turns, so both have signed some of these. */
const idTokens = async () => [await idToken(), await idToken(), await idToken(), await idToken()];
const signers = (tokens: string[]) => [...new Set(tokens.map((token) => decodeProtectedHeader(token).kid))];
async function verify(tokens: string[]): Promise<void> {
  for (const keys of await published()) for (const token of tokens) await jwtVerify(token, createLocalJWKSet(keys));
}

it('R35 two instances go by the same keys through a rotation, whichever of them makes it', async () => {
  const before = await idTokens();
  const [old] = signers(before) as [string];
  expect(signers(before)).toEqual([old]);
  expect(await kids()).toEqual([[old], [old]]);

  // at both gateways and both instances of admin-policy, over the bus to both of the provider
  const at = [...cluster.all.gateway, ...cluster.all['admin-policy']];
  const answers = await Promise.all(at.map(({ api }) => api.as(cluster.operatorToken).rotateSigningKeys()));
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409]);
  const { keys } = (await cluster.operator.signingKeys()).success();
  expect(keys.map(({ state }) => state)).toEqual(['next', 'signing']);
  const next = keys[0]!.id;
  expect(await kids()).toEqual([
    [old, next],
    [old, next],
  ]);
  expect(signers(await idTokens())).toEqual([old]);

  cluster.clock.advance(24 * 3_600 + 2);
  await become(next, old);
  const after = await idTokens();
  expect(signers(after)).toEqual([next]);
  await verify([...before, ...after]);

  const until = Date.parse((await cluster.operator.signingKeys()).success().keys[1]!.publishedUntil!);
  cluster.clock.advance(Math.ceil((until - cluster.clock.now()) / 1_000) + 2);
  await become(next);
  await verify(after);
  await expect(verify(before)).rejects.toThrow();

  const leaked = (await cluster.operator.rotateSigningKeys({ now: true })).success().keys;
  expect(await kids()).toEqual([[leaked[0]!.id], [leaked[0]!.id]]);
  expect(signers(await idTokens())).toEqual([leaked[0]!.id]);
  await expect(verify(after)).rejects.toThrow();
}, 240_000);
