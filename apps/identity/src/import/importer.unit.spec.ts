import { Problem } from '#libs/contracts/src/problems.js';
import { StoreUnavailable } from '#libs/engine/src/port.js';
import { refusalOf } from './importer.js';

describe('a line that failed', () => {
  it.each([
    ['the store is away', new StoreUnavailable('away'), 'unavailable'],
    ['an app is away', new Problem('unavailable'), 'unavailable'],
    ['an app acts by it later', new Problem('not-yet-effective'), 'unavailable'],
    ['the account was made and deleted by others meanwhile', new Problem('account-deleted'), 'unavailable'],
    ['the name is about to be taken', new Problem('username-taken'), 'username-taken'],
  ])('is refused by itself: %s', (_, error, code) => {
    expect(refusalOf(error)).toEqual({ outcome: 'refused', code });
  });

  it('by a fault of this program ends the import', () => {
    expect(() => refusalOf(new TypeError('x'))).toThrow(TypeError);
  });
});
