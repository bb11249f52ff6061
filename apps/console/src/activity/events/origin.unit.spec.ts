import type { RecordedEvent } from '../../api/queries.js';
import { originOf, personOf, whenceOf } from './origin.js';

const sealed = { kid: 'k', ciphertext: 'c' };
const event = (personal: object | undefined, plain?: object | null) =>
  ({ ...(personal && { personal }), ...(plain !== undefined && { plain }) }) as RecordedEvent;

describe('what is personal in an event', () => {
  it.each([
    ['is told', event({ origin: sealed }, { origin: { address: '192.0.2.1' } }), undefined, { address: '192.0.2.1' }],
    ['is gone as a whole', event({ origin: sealed, person: sealed }, null), 'gone', 'gone'],
    [
      'is gone in part',
      event({ origin: sealed, person: sealed }, { origin: null, person: { username: 'alice' } }),
      { username: 'alice' },
      'gone',
    ],
    ['is nothing', event(undefined), undefined, undefined],
  ])('%s', (_, of, person, origin) => {
    expect([personOf(of), originOf(of)]).toEqual([person, origin]);
  });

  it('says whose word it is', () => {
    const origin = { address: '192.0.2.1', userAgent: 'curl/8.5.0', toldBy: 'gateway' };
    const told = { address: '192.0.2.1', device: 'curl/8.5.0', told: true, gone: false };
    expect(whenceOf(event({ origin: sealed }, { origin }))).toEqual(told);
    expect(whenceOf(event({ origin: sealed }, null))).toEqual({ told: false, gone: true });
    expect(whenceOf(event(undefined))).toEqual({ told: false, gone: false });
  });
});
