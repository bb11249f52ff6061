import { generateKeyPairSync } from 'node:crypto';
import { ed25519 } from '@noble/curves/ed25519.js';
import { faultOfEd25519Key } from './signing-keys.js';

const base64url = (hex: string): string => Buffer.from(hex, 'hex').toString('base64url');
const zeros = (bytes: number) => '00'.repeat(bytes);

/** The eight points of small order, in each of their encodings that software has been seen to take. */
const smallOrder = [
  `01${zeros(31)}`,
  `01${zeros(30)}80`,
  zeros(32),
  `${zeros(31)}80`,
  `ec${'ff'.repeat(30)}7f`,
  'ff'.repeat(32),
  `ec${'ff'.repeat(31)}`,
  `ed${'ff'.repeat(30)}7f`,
  `ed${'ff'.repeat(31)}`,
  `ee${'ff'.repeat(30)}7f`,
  `ee${'ff'.repeat(31)}`,
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
];

describe('an Ed25519 public key', () => {
  it('as software makes it has no fault', () => {
    // RFC 8037, appendix A.2
    expect(faultOfEd25519Key('11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo')).toBeNull();
    for (let i = 0; i < 20; i++) {
      const { x } = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }) as { x: string };
      expect([x, faultOfEd25519Key(x)]).toEqual([x, null]);
    }
  });

  it.each(smallOrder)('of small order is refused: %s', (hex) => {
    expect(faultOfEd25519Key(base64url(hex))).not.toBeNull();
  });

  it('with a part of small order is refused, though a private key goes with it', () => {
    const right = ed25519.Point.BASE.multiply(7n);
    for (const hex of smallOrder.slice(-4)) {
      const mixed = right.add(ed25519.Point.fromHex(hex));
      expect(faultOfEd25519Key(base64url(mixed.toHex()))).toBe('is a weak Ed25519 public key');
    }
    expect(faultOfEd25519Key(base64url(right.toHex()))).toBeNull();
  });

  it.each([
    ['a point that is not on the curve', base64url(`02${zeros(31)}`)],
    ['an encoding that is not canonical', base64url(`f0${'ff'.repeat(30)}7f`)],
    ['31 bytes', base64url(zeros(31))],
    ['33 bytes', base64url(`${zeros(32)}01`)],
    ['unused bits that are set', '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURp'],
    ['no base64url', '11qYAYKxCrfVS+7TyWQHOg7hcvPapiMlrwIaaPcHURo'],
    ['nothing', ''],
  ])('that is %s is refused', (_, x) => {
    expect(faultOfEd25519Key(x)).toBe('is not a valid Ed25519 public key');
  });
});
