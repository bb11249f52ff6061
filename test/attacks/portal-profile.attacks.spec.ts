import { ofType } from '#test/support/events.js';
import { readKeyUri } from '#test/support/people/key-uri.js';
import { readQrCode } from '#test/support/people/qr.js';
import { Portal } from '#test/support/people/portal.js';
import { useProduct } from '#test/support/use-stack.js';

const stack = useProduct();
const NAMES = ['displayName', 'issuer', 'supportContact'] as const;

describe("a portal's profile", () => {
  it.each([
    ['a parameter', 'A?secret=JBSWY3DPEHPK3PXP'],
    ['a second issuer', 'A&issuer=Bank'],
    ['a path', '../../hotp/Bank'],
    ['an escape', 'Bank%3Aalice%3Fsecret=A'],
    ['a fragment', 'A#&secret=JBSWY3DPEHPK3PXP'],
    ['markup', '"><script>alert(1)</script>'],
  ])('brings nothing into a key that is not its issuer: %s', async (_, text) => {
    const portal = await Portal.make(stack);
    const person = await portal.contributor();
    for (const name of ['displayName', 'issuer']) {
      (await portal.api.changeProfile(portal.id, { [name]: text })).success();
      const { otpauthUri, qrCode, manualKey } = (await person.api.setUp()).success();
      expect(readQrCode(qrCode)).toBe(otpauthUri);
      expect(readKeyUri(otpauthUri)).toEqual({
        issuer: text,
        account: `${person.credentials.username}@${portal.id}`,
        secret: manualKey.replaceAll(' ', ''),
      });
    }
  });

  it('cannot end the issuer early, or say it from right to left', async () => {
    const portal = await Portal.make(stack);
    const person = await portal.contributor();
    for (const text of ['Bank:alice', 'Bank：alice']) {
      (await portal.api.changeProfile(portal.id, { issuer: text })).refused('malformed-request');
      (await portal.api.changeProfile(portal.id, { displayName: text })).success();
      expect(readKeyUri((await person.api.setUp()).success().otpauthUri).issuer).toBe('Bank alice');
    }
    for (const name of NAMES) {
      for (const text of ['Acme \u202eknaB', 'Acme \u2066Bank\u2069', 'Acme\u200b', 'x'.repeat(10_000), 7, ['x'], {}])
        (await portal.api.changeProfile(portal.id, { [name]: text })).refused('malformed-request');
    }
    (await portal.api.changeProfile(portal.id, { __proto__: null, constructor: 'x' })).refused('malformed-request');
  });

  it('loses nothing to whoever changes another part of it at the same moment', async () => {
    const portal = await Portal.make(stack);
    await portal.admin.reAuthenticate();
    const change = { displayName: 'Acme', issuer: 'Acme VPN', language: 'de', supportContact: 'help@acme.example' };
    const answers = await Promise.all(
      Object.entries(change).map(([name, value]) => portal.api.changeProfile(portal.id, { [name]: value })),
    );
    for (const answer of answers) answer.success();
    expect((await portal.api.profile(portal.id)).success()).toEqual(change);
    expect(ofType(await portal.allEvents(), 'ProfileChanged')).toHaveLength(4);
  });

  it('shows nobody more than its public part, whoever asks and however', async () => {
    const portal = await Portal.make(stack);
    (await portal.api.changeProfile(portal.id, { issuer: 'Internal VPN', displayName: 'Acme' })).success();
    const seen = { displayName: 'Acme', language: null, supportContact: null };
    for (const api of [stack.api, stack.api.as('ses_forged'), portal.api, stack.operator])
      expect((await api.portalProfile(portal.id)).success()).toEqual(seen);
    for (const id of ['constructor', 'hasownproperty', '-', 'a'.repeat(63)])
      expect((await stack.api.portalProfile(id)).success()).toEqual({ ...seen, displayName: null });
    for (const id of ['__proto__', portal.id.toUpperCase(), `${portal.id}%2f`, `${portal.id}%00`, 'a'.repeat(64)])
      expect([id, (await stack.api.raw('GET', `/v1/portals/${id}/profile`)).status]).toEqual([id, 400]);
    expect((await stack.api.raw('PUT', `/v1/portals/${portal.id}/profile`, seen)).status).toBe(405);
  });
});
