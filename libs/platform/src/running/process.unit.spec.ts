import { StoreDamaged, StoreUnavailable } from '#libs/engine/src/port.js';
import { SettingError } from '../settings/setting-error.js';
import { oneLine } from './process.js';

describe('what ends a start with one line', () => {
  it.each<[Error, string]>([
    [new SettingError('PORT', 'must be a port'), 'PORT must be a port'],
    [new StoreDamaged('the data file is cut off'), 'the data file is cut off'],
    [new StoreUnavailable('in use by another process'), 'in use by another process'],
    [Object.assign(new Error('listen EADDRINUSE'), { code: 'EADDRINUSE' }), 'PORT is in use by another process'],
    [Object.assign(new Error('x'), { code: 'EADDRNOTAVAIL' }), 'HOST is no address of this machine'],
  ])('(%#)', (error, line) => {
    expect(oneLine(error)).toBe(line);
  });

  it('is not what nobody foresaw: that keeps its stack', () => {
    expect(oneLine(new TypeError('undefined is not a function'))).toBeUndefined();
    expect(oneLine('text')).toBeUndefined();
  });
});
