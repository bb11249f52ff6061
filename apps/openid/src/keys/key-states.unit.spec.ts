import { type KeyTimes, PUBLISHED_AFTER_MS, PUBLISHED_BEFORE_MS, statesOf } from './key-states.js';

const NOW = Date.UTC(2026, 10, 24, 9);
const DAY = 24 * 60 * 60_000;
const first: KeyTimes = { number: 1, signsFrom: NOW - 90 * DAY };
const second: KeyTimes = { number: 2, signsFrom: NOW };
const third: KeyTimes = { number: 3, signsFrom: NOW + 10 * DAY };
const statesAt = (now: number, ...keys: KeyTimes[]) => statesOf(keys, now).map(({ key, state }) => [key.number, state]);

describe('the states of signing keys', () => {
  it('the only one signs', () => {
    expect(statesAt(NOW, first)).toEqual([[1, 'signing']]);
  });

  it('there are none of no keys', () => {
    expect(statesAt(NOW)).toEqual([]);
  });

  it.each([
    ['a day before', NOW - PUBLISHED_BEFORE_MS, 'next', 'signing'],
    ['the moment before', NOW - 1, 'next', 'signing'],
    ['from then on', NOW, 'signing', 'previous'],
    ['as long as its tokens are shown', NOW + PUBLISHED_AFTER_MS - 1, 'signing', 'previous'],
    ['afterwards', NOW + PUBLISHED_AFTER_MS, 'signing', 'over'],
  ])('a new one signs from its time on, and the one before is published on: %s', (_, at, newer, older) => {
    expect(statesAt(at, first, second)).toEqual([
      [2, newer],
      [1, older],
    ]);
  });

  it('until when the one before is published is told', () => {
    expect(statesOf([first, second], NOW)).toEqual([
      { key: second, state: 'signing' },
      { key: first, state: 'previous', publishedUntil: NOW + PUBLISHED_AFTER_MS },
    ]);
  });

  it('each goes by the one after it, in whichever order they are given', () => {
    expect(statesAt(third.signsFrom, second, third, first)).toEqual([
      [3, 'signing'],
      [2, 'previous'],
      [1, 'over'],
    ]);
  });

  it('one that revokes those of before leaves none of them, also not the one that was to be next', () => {
    const emergency: KeyTimes = { number: 3, signsFrom: NOW, revokesOlder: true };
    expect(statesAt(NOW, first, { ...second, signsFrom: NOW + 1 }, emergency)).toEqual([
      [3, 'signing'],
      [2, 'over'],
      [1, 'over'],
    ]);
    expect(statesAt(NOW, emergency, { number: 4, signsFrom: NOW + DAY })).toEqual([
      [4, 'next'],
      [3, 'signing'],
    ]);
  });

  it('where the clock was set back to before all of them, the oldest that is good signs', () => {
    expect(statesAt(first.signsFrom - 1, first, second)).toEqual([
      [2, 'next'],
      [1, 'signing'],
    ]);
    expect(statesAt(0, first, { ...second, revokesOlder: true })).toEqual([
      [2, 'signing'],
      [1, 'over'],
    ]);
  });
});
