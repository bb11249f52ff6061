import { createSecretKey, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { decrypt, encrypt } from './sealing.js';

const key = createSecretKey(randomBytes(32));
const bytes = fc.uint8Array({ maxLength: 400 }).map((array) => Buffer.from(array));

describe('encrypt and decrypt', () => {
  it('give back what was encrypted, under the same key with the same additional data alone', () => {
    const otherKey = createSecretKey(randomBytes(32));
    fc.assert(
      fc.property(bytes, bytes, (plaintext, additional) => {
        const sealed = encrypt(key, plaintext, additional);
        expect(decrypt(key, sealed, additional)).toEqual(plaintext);
        expect(decrypt(otherKey, sealed, additional)).toBeNull();
        expect(decrypt(key, sealed, Buffer.concat([additional, Buffer.of(0)]))).toBeNull();
      }),
    );
  });

  it('see any change, and any other length', () => {
    fc.assert(
      fc.property(bytes, fc.nat(), fc.integer({ min: 1, max: 255 }), (plaintext, place, change) => {
        const sealed = encrypt(key, plaintext, Buffer.of(1));
        const altered = Buffer.from(sealed);
        altered[place % sealed.length]! ^= change;
        expect(decrypt(key, altered, Buffer.of(1))).toBeNull();
        expect(decrypt(key, sealed.subarray(0, place % sealed.length), Buffer.of(1))).toBeNull();
        expect(decrypt(key, Buffer.concat([sealed, Buffer.of(change)]), Buffer.of(1))).toBeNull();
      }),
    );
  });

  it('never use an IV twice', () => {
    const ivs = Array.from({ length: 3000 }, () => encrypt(key, Buffer.alloc(1), Buffer.of(1)).toString('hex', 0, 12));
    expect(new Set(ivs).size).toBe(3000);
  });
});
