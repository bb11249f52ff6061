import type { RecordedEvent } from '../../api/queries.js';
import { filterOf, matches, parametersOf, queryOf, ranges, spanOf } from './filter.js';

const noon = Date.UTC(2026, 10, 24, 12);
const ofAddress = (query: string) => filterOf(new URLSearchParams(query));

describe('the filter', () => {
  it.each([
    '',
    'account=a1&range=week&type=two-factor.account-locked.v1&type=identity.login-failed.v1',
    'correlationId=0c9c3a0e&actor=a2',
    'range=custom&from=2026-11-01T00%3A00%3A00.000Z',
  ])('is in the address and comes back from it: %s', (query) => {
    expect(parametersOf(ofAddress(query)).toString()).toBe(query);
  });

  it('is everything where the address says nothing of use', () => {
    expect(ofAddress('range=toString&from=x&account=&type=')).toEqual({ range: 'all', types: [] });
  });

  it('has ends only where they were chosen', () => {
    expect(spanOf(ofAddress(''), noon)).toEqual({});
    expect(spanOf(ofAddress('range=hour'), noon)).toEqual({ from: noon - ranges.hour });
    const [from, to] = ['2026-11-01T00:00:00.000Z', '2026-11-02T00:00:00.000Z'];
    expect(spanOf(ofAddress(`from=${from}&to=${to}`), noon)).toEqual({ from: Date.parse(from), to: Date.parse(to) });
    expect(queryOf(ofAddress(`to=${to}&type=a&type=b`), noon)).toEqual({ to, type: ['a', 'b'] });
  });

  it.each([
    ['', true],
    ['account=a1', true],
    ['account=a2', false],
    ['type=x&type=two-factor.account-locked.v1', true],
    ['type=x', false],
    ['actor=a1', true],
    ['actor=a2', false],
    ['correlationId=r1', true],
    ['correlationId=r2', false],
    ['account=a1&actor=a2', false],
    ['to=2026-11-24T11:59:59.999Z', false],
    ['to=2026-11-24T12:00:00.000Z', true],
  ])('%p takes an event that happens: %p', (query, expected) => {
    const event = {
      type: 'two-factor.account-locked.v1',
      time: new Date(noon).toISOString(),
      account: 'a1',
      actor: { kind: 'user', id: 'a1' },
      context: { correlationId: 'r1', entrance: 'http' },
    } as RecordedEvent;
    expect(matches(ofAddress(query), event)).toBe(expected);
  });
});
