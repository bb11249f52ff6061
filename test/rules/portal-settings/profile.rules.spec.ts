import type { Api } from '#test/support/calls/client.js';
import type { Answer } from '#test/support/calls/http.js';
import { ofType } from '#test/support/events.js';
import { readKeyUri } from '#test/support/people/key-uri.js';
import { readQrCode } from '#test/support/people/qr.js';
import { type Person, Portal } from '#test/support/people/portal.js';
import { useProduct } from '#test/support/use-stack.js';

const stack = useProduct();

const nothing = { displayName: null, language: null, supportContact: null };
const acme = {
  displayName: 'Acme: Bern',
  issuer: 'Acme VPN',
  language: 'de',
  supportContact: 'help@acme.example',
} as const;
const change = async (portal: Portal, to: object) => (await portal.api.changeProfile(portal.id, to)).success();
const issuerFor = async (person: Person) => {
  const { otpauthUri, qrCode } = (await person.api.setUp()).success();
  expect(readQrCode(qrCode)).toBe(otpauthUri);
  return readKeyUri(otpauthUri).issuer;
};
const fieldsOf = (problem: ReturnType<Answer<unknown>['refused']>) =>
  (problem.errors as { field: string }[]).map(({ field }) => field);

describe('the issuer of new keys', () => {
  it("R05 is the portal's from the next QR code on: its issuer, else its display name, else the installation's", async () => {
    const portal = await Portal.make(stack);
    const person = await portal.contributor();
    expect(await issuerFor(person)).toBe('Twinlock');
    await change(portal, { displayName: 'Acme: Bern' });
    expect(await issuerFor(person)).toBe('Acme Bern');
    await change(portal, { issuer: 'Acme VPN' });
    expect(await issuerFor(person)).toBe('Acme VPN');
    await change(portal, { issuer: null });
    expect(await issuerFor(person)).toBe('Acme Bern');
    await change(portal, { displayName: null });
    expect(await issuerFor(person)).toBe('Twinlock');
  });

  it('R05 changes no authenticator that is in use', async () => {
    const portal = await Portal.make(stack);
    const person = await portal.enrolled();
    await change(portal, acme);
    (await person.enterCode(person.phone.freshCode())).success();
    const { otpauthUri } = (await person.api.addTotp('Tablet')).success();
    expect(readKeyUri(otpauthUri).issuer).toBe('Acme VPN');
    (await person.enterCode(person.phone.freshCode())).success();
  });
});

describe('the profile', () => {
  it('R04 is nobody’s to read whole or to change but an administrator’s', async () => {
    const portal = await Portal.make(stack);
    const stranger = await Portal.make(stack);
    await change(portal, acme);
    const callers: [Api, 'unauthenticated' | 'forbidden' | 'not-found'][] = [
      [stack.api, 'unauthenticated'],
      [stack.operator, 'forbidden'],
      [(await portal.contributor()).api, 'forbidden'],
      [await portal.service('challenges', 'commands', 'events', 'accounts', 'erasure'), 'forbidden'],
      [stranger.api, 'not-found'],
    ];
    for (const [api, code] of callers) {
      (await api.profile(portal.id)).refused(code);
      (await api.changeProfile(portal.id, { displayName: 'Eve' })).refused(code);
    }
    expect((await portal.api.profile(portal.id)).success()).toEqual(acme);
  });

  it('R04 changes by an event: who, from what, to what; a change to what is so is none', async () => {
    const portal = await Portal.make(stack);
    expect(await change(portal, acme)).toEqual(acme);
    expect(await change(portal, { language: null })).toEqual({ ...acme, language: null });
    await change(portal, {});
    await change(portal, { displayName: ` ${acme.displayName}  ` });
    const changes = ofType(await portal.allEvents(), 'ProfileChanged');
    expect(changes).toMatchObject([
      { actor: { kind: 'administrator', id: portal.admin.id }, data: { from: { issuer: null }, to: acme } },
      { data: { from: acme, to: { ...acme, language: null } } },
    ]);
    expect(changes).toHaveLength(2);
  });

  it('R14 changes only by who proves to be the administrator', async () => {
    const portal = await Portal.make(stack);
    const token = await portal.loginToken(portal.admin);
    const stolen = stack.api.as((await stack.api.loginWithToken(portal.id, token)).success().accessToken);
    const refused = (await stolen.changeProfile(portal.id, acme)).refused('re-authentication-required');
    expect(refused).toMatchObject({ status: 403, needs: ['password'] });
    expect((await stolen.profile(portal.id)).success()).toEqual({ ...nothing, issuer: null });
  });

  it.each([
    ['a line end', 'a\nb'],
    ['an override', 'a\u202eb'],
    ['a space without width', 'a\u200bb'],
    ['half a surrogate pair', 'a\ud800b'],
    ['nothing but a space', ' '],
    ['more than fits', 'x'.repeat(257)],
  ])('R50 holds not %s', async (_, text) => {
    const portal = await Portal.make(stack);
    for (const name of ['displayName', 'issuer', 'supportContact', 'language']) {
      const refused = (await portal.api.changeProfile(portal.id, { [name]: text })).refused('malformed-request');
      expect(fieldsOf(refused)).toEqual([name]);
    }
    expect((await portal.api.profile(portal.id)).success()).toEqual({ ...nothing, issuer: null });
  });
});

describe('what anybody may see of a portal', () => {
  it('R28 is its name, its language and whom to ask, from the next request on', async () => {
    const portal = await Portal.make(stack);
    for (const [to, seen] of [
      [acme, { displayName: acme.displayName, language: 'de', supportContact: acme.supportContact }],
      [{ displayName: null }, { displayName: null, language: 'de', supportContact: acme.supportContact }],
      [{ language: null, supportContact: null }, nothing],
    ] as const) {
      await change(portal, to);
      expect((await stack.api.portalProfile(portal.id)).success()).toEqual(seen);
    }
  });

  it('R15 says of no portal that it exists, unless it is set', async () => {
    const portal = await Portal.make(stack);
    const ask = async (id: string) => {
      const { status, text, headers } = await stack.api.raw('GET', `/v1/portals/${id}/profile`);
      const { date: _, 'x-request-id': __, ...rest } = headers;
      return { status, text, headers: rest };
    };
    const known = await ask(portal.id);
    expect(known).toMatchObject({ status: 200, text: JSON.stringify(nothing) });
    expect(known.headers['cache-control']).toBe('public, max-age=60');
    expect(await ask('no-such-portal')).toEqual(known);
    // a problem is kept by no cache
    expect(await ask('No_Portal')).toMatchObject({ status: 400, headers: { 'cache-control': 'no-store' } });
  });
});
