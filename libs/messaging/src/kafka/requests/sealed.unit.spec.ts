import { newRingKey, type RingKey } from '#libs/vault/src/keyring.js';
import { type Purpose, RequestSealer } from './sealed.js';

const [k1, k2] = ['k1', 'k2'].map(newRingKey) as [RingKey, RingKey];
const purpose: Purpose = {
  direction: 'request',
  pattern: 'two-factor.accounts.describe',
  replyTo: 'identity',
  instance: 'i1',
  requestId: '1',
};

describe('RequestSealer', () => {
  it('opens what another one sealed under the same ring, and shows nothing of it', () => {
    const { keyId, value } = new RequestSealer([k1]).seal('{"Zoë":1}', purpose);
    expect(value.toString()).not.toContain('Zo');
    expect(new RequestSealer([k2, k1]).open(keyId, value, purpose)).toBe('{"Zoë":1}');
  });

  it.each<[string, Partial<Purpose>]>([
    ['the other direction', { direction: 'reply' }],
    ['another pattern', { pattern: 'two-factor.accounts.unlock' }],
    ['another app', { replyTo: 'audit' }],
    ['another instance', { instance: 'i2' }],
    ['another id', { requestId: '11' }],
    ['the same text in another place', { instance: 'i', requestId: '11' }],
  ])('opens nothing for %s', (_, other) => {
    const sealer = new RequestSealer([k1]);
    const { keyId, value } = sealer.seal('{}', purpose);
    expect(sealer.open(keyId, value, { ...purpose, ...other })).toBeNull();
  });

  it('opens nothing that was altered, at any byte, nor under another key of the same id', () => {
    const sealer = new RequestSealer([k1]);
    const { keyId, value } = sealer.seal('{}', purpose);
    for (const index of value.keys()) {
      const altered = Buffer.from(value);
      altered[index]! ^= 1;
      expect(sealer.open(keyId, altered, purpose)).toBeNull();
    }
    expect(sealer.open(keyId, value.subarray(0, 20), purpose)).toBeNull();
    expect(new RequestSealer([{ ...k2, id: 'k1' }]).open(keyId, value, purpose)).toBeNull();
    const other = `k1:${'A'.repeat(22)}`;
    expect(sealer.open(other, value, purpose)).toBeNull();
  });

  it.each(['k2:AAAAAAAAAAAAAAAAAAAAAA', 'k1', 'k1:', 'k1:AAAA', '', 'k1:AAAAAAAAAAAAAAAAAAAAAA:', '__proto__:x'])(
    'knows no key %j',
    (keyId) => {
      expect(new RequestSealer([k1]).open(keyId, Buffer.alloc(100), purpose)).toBeUndefined();
    },
  );

  it('has a key of its own, and another after each change of the ring', () => {
    const sealer = new RequestSealer([k1]);
    const ids = [sealer, new RequestSealer([k1])].map((one) => one.seal('', purpose).keyId);
    expect(ids).toEqual([expect.stringMatching(/^k1:.{22}$/), expect.stringMatching(/^k1:.{22}$/)]);
    const old = sealer.seal('old', purpose);
    sealer.useRing([k2, k1]);
    expect(sealer.seal('', purpose).keyId).toMatch(/^k2:/);
    expect(sealer.open(old.keyId, old.value, purpose)).toBe('old');
    sealer.useRing([k2]);
    expect(sealer.open(old.keyId, old.value, purpose)).toBeUndefined();
    expect(new Set([...ids, old.keyId]).size).toBe(2);
  });
});
