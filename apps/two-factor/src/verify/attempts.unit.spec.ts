import { totp } from '../testing/evidence.js';
import { aPolicy } from '../testing/policies.js';
import { enabledWith } from '../testing/states.js';
import { aContext } from '#libs/contracts/src/testing/contexts.js';
import type { Refusal } from '#libs/contracts/src/problems.js';
import { Metrics } from '#libs/platform/src/observing/metrics.js';
import type { SecondFactors } from '../change/second-factors.js';
import type { PolicyFacts } from '../policy/policy-facts.js';
import type { Attempt, Evidence, Passed } from '../second-factor/attempts.js';
import { decide } from '../second-factor/decide.js';
import { initial, type SecondFactor } from '../second-factor/state.js';
import { Attempts } from './attempts.js';
import type { CodeReader } from './code-reader.js';

const NOW = Date.UTC(2026, 10, 24, 9, 30);
const policy = aPolicy({ maxFailedAttempts: 3 });
const enabled = enabledWith();
const challenge = { id: 'c1', epoch: 0, suspension: 0, expiresAt: NOW + 60_000 };
const login: Attempt = { purpose: 'login', challenge };

/** One attempt on that state; what a look at the code finds out; what was counted. */
async function attempt(state: SecondFactor, evidence: Evidence, by = login, recorded?: Passed | Refusal) {
  const metrics = new Metrics();
  let looks = 0;
  const secondFactors = {
    execute: async (_account: unknown, _context: unknown, commandFor: (...at: unknown[]) => Promise<never>) =>
      ({ answer: recorded ?? decide(await commandFor(state, NOW), state, NOW).answer }) as never,
  } as unknown as SecondFactors;
  const codes = { read: async () => ((looks += 1), evidence) } as unknown as CodeReader;
  const facts = { of: async () => policy } as unknown as PolicyFacts;
  const attempts = new Attempts(secondFactors, facts, codes, metrics);
  const answer = await attempts.make({ portal: 'demo', accountId: 'a1' }, by, { code: '123456' }, aContext());
  const counted = async (name: 'attempts' | 'attemptsRefused') =>
    (await metrics[name].get()).values.map(({ labels, value }) => ({ ...labels, value }));
  return { answer, looks, made: await counted('attempts'), refused: await counted('attemptsRefused') };
}

describe('an attempt', () => {
  it('R30 that is refused unread is counted, and no code is looked at', async () => {
    const locked = await attempt({ ...enabled, lockedAt: 1 }, totp(1));
    expect(locked).toMatchObject({ looks: 0, made: [], refused: [{ reason: 'account-locked', value: 1 }] });
    const ended = await attempt({ ...enabled, epoch: 1 }, totp(1));
    expect(ended).toMatchObject({ looks: 0, made: [], refused: [{ reason: 'challenge-ended', value: 1 }] });
  });

  it.each<[Evidence, string, string]>([
    [totp(1), 'totp', 'passed'],
    [totp(null), 'totp', 'wrong-code'],
    [{ kind: 'backup-code', index: null }, 'backup-code', 'wrong-code'],
  ])('is counted by the kind of code and the outcome: %j', async (evidence, method, outcome) => {
    const { looks, made, refused } = await attempt(enabled, evidence);
    expect({ looks, made, refused }).toEqual({ looks: 1, made: [{ method, outcome, value: 1 }], refused: [] });
  });

  it('R23 that locks is counted as one that was looked at', async () => {
    const { made, refused } = await attempt({ ...enabled, failedAttempts: 2 }, totp(null));
    expect({ made, refused }).toEqual({ made: [{ method: 'totp', outcome: 'account-locked', value: 1 }], refused: [] });
  });

  it.each<[string, Evidence, Attempt]>([
    ['malformed text (R27)', { kind: 'malformed' }, login],
    ['nothing typed', { kind: 'none' }, { purpose: 'proof', sessionId: 's1' }],
  ])('is none with %s', async (_, evidence, by) => {
    expect(await attempt(enabled, evidence, by)).toMatchObject({ made: [], refused: [] });
  });

  it('is none where no code is needed, and none when the command was answered before', async () => {
    const proof = { purpose: 'proof', sessionId: 's1' } as const;
    expect(await attempt(initial, { kind: 'none' }, proof)).toMatchObject({ looks: 0, made: [], refused: [] });
  });
});
