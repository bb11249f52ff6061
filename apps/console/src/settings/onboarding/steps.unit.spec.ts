import { stepsOf } from './steps.js';

const told = (...args: Parameters<typeof stepsOf>) => {
  const steps = stepsOf(...args);
  const named = (which: 'done' | 'possible') => steps.filter((step) => step[which]).map(({ id }) => id);
  return { done: named('done'), possible: named('possible') };
};
const alone = { contributors: 1 };

describe('what an administrator has to do first', () => {
  it('begins with the add-on, without which nothing can be turned on', () =>
    expect(told({ status: 'none', configurable: false, reason: 'add-on-required' }, alone)).toEqual({
      done: [],
      possible: ['addOn', 'people'],
    }));

  it('goes on with turning it on, before anybody can set it up', () =>
    expect(told({ status: 'none', configurable: false, reason: 'portal-off' }, alone)).toEqual({
      done: ['addOn'],
      possible: ['addOn', 'on', 'people'],
    }));

  it('asks for people besides the administrator, and for the own second factor', () => {
    expect(told({ status: 'pending', configurable: true }, alone)).toEqual({
      done: ['addOn', 'on'],
      possible: ['addOn', 'on', 'people', 'own'],
    });
    expect(told({ status: 'enabled', configurable: true }, { contributors: 2 }).done).toEqual([
      'addOn',
      'on',
      'people',
      'own',
    ]);
  });

  it('does not forget what was done when the add-on goes', () =>
    expect(
      told({ status: 'enabled', configurable: false, reason: 'add-on-required' }, { contributors: 2 }).done,
    ).toEqual(['people', 'own']));
});
