import { readKeyUri } from '#test/support/people/key-uri.js';
import { readQrCode } from '#test/support/people/qr.js';
import { displayName, issuerName } from '#libs/contracts/src/primitives.js';
import { wholeProfile } from '#libs/contracts/src/events/admin-policy.js';
import fc from 'fast-check';
import { issuerOf, showKey } from './new-key.js';

/** As long as each may be, of characters that take most room. */
const longest = { issuer: '好'.repeat(32), portal: 'p'.repeat(63) };

it.each([
  ['a plain name', { issuer: 'Twinlock', portal: 'demo' }, 'alice'],
  ['the longest name', longest, '😀'.repeat(128)],
  ['a name of colons', longest, ':'.repeat(128)],
])('the key of %s fits into a QR code that is read back', async (_, { issuer, portal }, username) => {
  const account = { portal, accountId: 'a1' };
  const { otpauthUri, qrCode } = await showKey(Buffer.alloc(20, 7), issuer, account, username);
  expect(readQrCode(qrCode, 1_200)).toBe(otpauthUri);
  expect(readKeyUri(otpauthUri)).toMatchObject({ issuer, account: `${username.replaceAll(':', '：')}@${portal}` });
});

describe('the issuer of a new key', () => {
  const named = (displayName: string, issuer: string | null = null) =>
    issuerOf(wholeProfile({ displayName, issuer }), 'Twinlock');

  it.each([
    ['the issuer that the portal has', 'Acme GmbH', 'Acme VPN', 'Acme VPN'],
    ['its display name', 'Acme GmbH', null, 'Acme GmbH'],
    ['its display name without colons', 'Acme:  Bern：VPN:', null, 'Acme Bern VPN'],
    ['as much of it as fits', `Acme ${'x'.repeat(40)}`, null, `Acme ${'x'.repeat(27)}`],
    ['whole characters of it', `${'x'.repeat(31)}😀`, null, 'x'.repeat(31)],
    ['no half of a combination', `${'x'.repeat(31)}e\u0301`, null, 'x'.repeat(31)],
    ['no space at its end', `${'x'.repeat(31)} y`, null, 'x'.repeat(31)],
    ['that of the installation where nothing is left of it', ': ：', null, 'Twinlock'],
    ['that of the installation where not one character fits', `e${'\u0301'.repeat(40)}`, null, 'Twinlock'],
  ])('is %s', (_, displayName, issuer, becomes) => expect(named(displayName, issuer)).toBe(becomes));

  it('is that of the installation where the portal has neither', () =>
    expect(issuerOf(wholeProfile(), 'Müller & Söhne')).toBe('Müller & Söhne'));

  it('is one that could have been set, whatever the display name', () => {
    const anyName = fc
      .oneof(
        fc.string({ unit: 'grapheme', maxLength: 60 }),
        fc.string({ unit: fc.constantFrom(':', '：', ' ', 'a', '👩🏽') }),
      )
      .filter((name) => displayName.safeParse(name).success);
    fc.assert(fc.property(anyName, (name) => expect(issuerName.parse(named(name))).toBe(named(name))));
  });
});
