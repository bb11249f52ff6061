import { Metrics } from '#libs/platform/src/observing/metrics.js';
import { AttemptOutcomes } from './attempt-outcomes.js';

const start = () => {
  const metrics = new Metrics();
  const counted = async (name: 'attempts' | 'attemptsRefused') =>
    (await metrics[name].get()).values.map(({ labels, value }) => ({ ...labels, value }));
  return { outcomes: new AttemptOutcomes(metrics), counted };
};

describe('AttemptOutcomes', () => {
  it('R30 counts what is refused unread', async () => {
    const { outcomes, counted } = start();
    outcomes.refusedUnread({ refused: 'account-locked' });
    outcomes.refusedUnread({ refused: 'account-locked' });
    outcomes.refusedUnread({ refused: 'challenge-ended' });
    expect(await counted('attemptsRefused')).toEqual([
      { reason: 'account-locked', value: 2 },
      { reason: 'challenge-ended', value: 1 },
    ]);
    expect(await counted('attempts')).toEqual([]);
  });

  it('counts what was looked at, by kind of code and outcome, and never malformed text', async () => {
    const { outcomes, counted } = start();
    outcomes.lookedAt({ code: '123456' }, { method: 'totp', secretId: 'k1', backupCodesLeft: 10 });
    outcomes.lookedAt({ code: '123456' }, { refused: 'wrong-code', attemptsLeft: 4 });
    outcomes.lookedAt({ backupCode: 'ABCD' }, { refused: 'account-locked' });
    outcomes.lookedAt({ code: '1' }, { refused: 'malformed-code' });
    expect(await counted('attempts')).toEqual([
      { method: 'totp', outcome: 'passed', value: 1 },
      { method: 'totp', outcome: 'wrong-code', value: 1 },
      { method: 'backup-code', outcome: 'account-locked', value: 1 },
    ]);
    expect(await counted('attemptsRefused')).toEqual([]);
  });
});
