import fc from 'fast-check';
import type { ChallengePurpose } from '#libs/contracts/src/messages/requests.js';
import { newRingKey } from '#libs/vault/src/keyring.js';
import { anyText } from '#test/support/any-text.js';
import { ChallengeSealer, type SealedChallenge } from './sealed-challenge.js';

const opaqueId = fc.stringMatching(/^[A-Za-z0-9_.:-]{1,128}$/);
const portalId = fc.stringMatching(/^[a-z0-9-]{1,63}$/);
const purposes: fc.Arbitrary<ChallengePurpose> = fc.oneof(
  fc.record({ kind: fc.constant('login' as const) }),
  fc.record({ kind: fc.constant('gateway' as const), serviceId: opaqueId, portal: portalId }),
);
const challenges: fc.Arbitrary<SealedChallenge> = fc.record({
  id: opaqueId,
  portal: portalId,
  account: opaqueId,
  purpose: purposes,
  epoch: fc.maxSafeNat(),
  suspension: fc.maxSafeNat(),
  expiresAt: fc.maxSafeNat(),
});

const example: SealedChallenge = {
  id: 'c9',
  portal: 'demo',
  account: 'a1',
  purpose: { kind: 'login' },
  epoch: 3,
  suspension: 7,
  expiresAt: 1_784_158_500_000,
};
const key = newRingKey('k1');
const sealer = new ChallengeSealer([key]);

describe('ChallengeSealer', () => {
  it('opens what it sealed', () => {
    fc.assert(
      fc.property(challenges, (challenge) => {
        expect(sealer.open(sealer.seal(challenge))).toEqual(challenge);
      }),
    );
  });

  it('seals the longest challenge within what a request may hold', () => {
    const longest = sealer.seal({
      id: 'i'.repeat(128),
      portal: 'p'.repeat(63),
      account: 'a'.repeat(128),
      purpose: { kind: 'gateway', serviceId: 's'.repeat(128), portal: 'p'.repeat(63) },
      epoch: Number.MAX_SAFE_INTEGER,
      suspension: Number.MAX_SAFE_INTEGER,
      expiresAt: Number.MAX_SAFE_INTEGER,
    });
    expect(longest.length).toBeLessThanOrEqual(1024);
    expect(sealer.open(longest)?.id).toBe('i'.repeat(128));
  });

  it('gives another text each time, in base64url, that shows nothing of what is in it', () => {
    const texts = Array.from({ length: 100 }, () => sealer.seal(example));
    expect(new Set(texts).size).toBe(100);
    for (const text of texts) {
      expect(text).toMatch(/^[A-Za-z0-9_-]+$/);
      expect(Buffer.from(text, 'base64url').toString('latin1')).not.toContain('demo');
    }
  });

  it('is null for a challenge with any character changed, cut, added or moved', () => {
    const text = sealer.seal(example);
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    for (let place = 0; place < text.length; place++) {
      for (const other of [...alphabet, '+', '/', '=', ' ', '\n', '\u0141']) {
        if (other === text[place]) continue;
        expect(sealer.open(text.slice(0, place) + other + text.slice(place + 1))).toBeNull();
      }
      expect(sealer.open(text.slice(0, place) + text.slice(place + 1))).toBeNull();
      expect(sealer.open(`${text.slice(0, place)}-${text.slice(place)}`)).toBeNull();
    }
    for (const added of ['=', '==', ' ', '\n', 'A', '\0']) {
      expect(sealer.open(text + added)).toBeNull();
      expect(sealer.open(added + text)).toBeNull();
    }
  });

  it('is null for any other text', () => {
    fc.assert(
      fc.property(fc.oneof(anyText(), fc.base64String()), (text) => {
        expect(sealer.open(text)).toBeNull();
      }),
    );
    expect(sealer.open('A'.repeat(2_000_000))).toBeNull();
  });

  it('opens by every key of the ring, and by no other', () => {
    const newer = newRingKey('k2');
    const text = sealer.seal(example);
    expect(new ChallengeSealer([newer, key]).open(text)).toStrictEqual(example);
    expect(new ChallengeSealer([newer]).open(text)).toBeNull();
    expect(sealer.open(new ChallengeSealer([newer, key]).seal(example))).toBeNull();
  });

  it('takes another ring while in use', () => {
    const own = new ChallengeSealer([key]);
    const text = own.seal(example);
    const newer = newRingKey('k2');
    own.useRing([newer, key]);
    expect(own.open(text)).toStrictEqual(example);
    expect(sealer.open(own.seal(example))).toBeNull();
    own.useRing([newer]);
    expect(own.open(text)).toBeNull();
  });
});
