import { Problem } from '#libs/contracts/src/problems.js';
import { specFor } from './given-when-then.js';
import { count, type CountAnswer, type Tally, tally, type TallyEvent } from './tally.js';

const counted = (by: number, note: string): TallyEvent => ({ type: 'Counted', data: { by, note } });
const closed: TallyEvent = { type: 'TallyClosed', data: {} };

const spec = specFor<Tally, TallyEvent, { by: number }, CountAnswer>(tally, ({ by }, state) => {
  if (by > 5) throw new Problem('forbidden', undefined, { attemptsLeft: 5 - state.sum });
  return count(by, `after-${state.lastAt}`, 5)(state);
});

describe('given, when, then', () => {
  it('folds what happened, decides, and compares events and answer', () => {
    spec
      .given([])
      .when({ by: 1 })
      .then([counted(1, 'after-0')], 'counted');
    spec
      .given([counted(4, 'a')], 10)
      .when({ by: 1 })
      .then([counted(1, 'after-10'), closed], 'closed');
    spec
      .given([counted(5, 'a')])
      .and([closed], 20)
      .when({ by: 1 })
      .then([], 'closed');
  });

  it('compares refusals', () => {
    spec
      .given([counted(4, 'a')])
      .when({ by: 6 })
      .thenRefused('forbidden', { attemptsLeft: 1 });
  });

  it('fails where they differ', () => {
    const when = spec.given([]).when({ by: 1 });
    expect(() => when.then([])).toThrow();
    expect(() => when.then([counted(1, 'after-0')], 'closed')).toThrow();
    expect(() => when.thenRefused('forbidden')).toThrow();
    const refused = spec.given([]).when({ by: 6 });
    expect(() => refused.then([])).toThrow(Problem);
    expect(() => refused.thenRefused('unavailable')).toThrow();
    expect(() => refused.thenRefused('forbidden', { attemptsLeft: 0 })).toThrow();
  });
});
