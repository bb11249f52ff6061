import { aPolicy } from '../testing/policies.js';
import { PROOF_LASTS_MS } from '#libs/contracts/src/limits.js';
import { missingProof } from './policy.js';
import { initial } from './state.js';

const policy = aPolicy();
const now = 1_784_000_000_000;
const needsOf = (passwordAt: number | null) =>
  missingProof(initial, policy, { sessionId: 's1', passwordAt, authenticatorId: null }, now);

describe('missingProof', () => {
  it.each([
    ['now', 0],
    ['almost ten minutes ago', 1 - PROOF_LASTS_MS],
    ['a little in the future, by the clock of another instance', 5_000],
  ])('R14 asks for nothing when the password was proved %s', (_, distance) => {
    expect(needsOf(now + distance)).toEqual([]);
  });

  it.each([
    ['ten minutes ago', -PROOF_LASTS_MS],
    ['ten minutes ahead, since the clock was set back', PROOF_LASTS_MS],
    ['a day ahead', 24 * 60 * 60_000],
  ])('R14 asks for the password when it was proved %s', (_, distance) => {
    expect(needsOf(now + distance)).toEqual(['password']);
  });

  it('R34 asks for the gateway once more, where a gateway has proved the first factor', () => {
    const proof = { sessionId: 's1', passwordAt: now, handedOver: true as const, authenticatorId: null };
    expect(missingProof(initial, policy, proof, now)).toEqual([]);
    expect(missingProof(initial, policy, proof, now + PROOF_LASTS_MS)).toEqual(['hand-over']);
  });

  it('R14 asks for the password when none was proved', () => {
    expect(needsOf(null)).toEqual(['password']);
  });
});
