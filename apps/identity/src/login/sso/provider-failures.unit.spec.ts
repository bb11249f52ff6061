import type { Logger } from 'pino';
import { ProviderFailures } from './provider-failures.js';

it('failures of a provider are logged once a minute for each portal, and told to everybody', () => {
  let now = Date.UTC(2026, 10, 29);
  const logged: unknown[] = [];
  const logger = { warn: (entry: unknown) => logged.push(entry) } as unknown as Logger;
  const failures = new ProviderFailures(logger, () => now);
  const fail = (portal: string, reason: string) => {
    const told = { code: 'unavailable', extras: { retryAfter: 5 } };
    expect(failures.unusable(portal, new Error(reason))).toMatchObject(told);
  };
  fail('one', 'away');
  now += 59_999;
  fail('one', 'still away');
  fail('other', 'away too');
  now += 1;
  fail('one', 'away again');
  fail('other', 'not logged');
  expect(logged).toEqual([
    { portal: 'one', reason: 'Error away' },
    { portal: 'other', reason: 'Error away too' },
    { portal: 'one', reason: 'Error away again' },
  ]);
});
