import { StoreDamaged, StoreUnavailable } from '#libs/engine/src/port.js';
import { SettingError } from '../settings/setting-error.js';
import { oneLine } from './process.js';

const failed = (syscall: string, code: string) => Object.assign(new Error(`${syscall} ${code}`), { syscall, code });

describe('what ends a start with one line', () => {
  it.each<[Error, string]>([
    [new SettingError('PORT', 'must be a port'), 'PORT must be a port'],
    [new StoreDamaged('the data file is cut off'), 'the data file is cut off'],
    [new StoreUnavailable('in use by another process'), 'in use by another process'],
    [failed('listen', 'EADDRINUSE'), 'PORT is in use by another process'],
    [failed('listen', 'EACCES'), 'PORT may not be used by this user'],
    [failed('listen', 'EADDRNOTAVAIL'), 'HOST is not an address of this machine (EADDRNOTAVAIL)'],
    [failed('listen', 'EINVAL'), 'HOST is not an address of this machine (EINVAL)'],
    [failed('getaddrinfo', 'ENOTFOUND'), 'HOST is not an address of this machine (ENOTFOUND)'],
    [failed('getaddrinfo', 'EAI_AGAIN'), 'HOST cannot be resolved: DNS does not answer'],
    [failed('write', 'ENOSPC'), 'DATA_DIR has no space left'],
  ])('(%#)', (error, line) => {
    expect(oneLine(error)).toBe(line);
  });

  it('is not what nobody foresaw: that keeps its stack', () => {
    expect(oneLine(new TypeError('undefined is not a function'))).toBeUndefined();
    expect(oneLine('text')).toBeUndefined();
  });
});
