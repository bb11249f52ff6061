import { readKeyUri } from '#test/support/people/key-uri.js';
import { readQrCode } from '#test/support/people/qr.js';
import { showKey } from './new-key.js';

/** As long as each may be, of characters that take most room. */
const longest = { issuer: 'é'.repeat(32), portal: 'p'.repeat(63) };

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
