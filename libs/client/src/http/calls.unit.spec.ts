import type { Args, CodeOf, Reply } from './calls.js';
import type { Twinlock } from './twinlock.js';

/** Compiled; what must not compile says so. */
export const typed = [
  { portal: 'acme', username: 'ada', type: 'contributor' } satisfies Args<'registerAccount'>,
  { portal: 'acme', status: 'locked', limit: 10, id: ['a'] } satisfies Args<'listAccounts'>,
  { challenge: 'c', code: '123456' } satisfies Args<'verifyChallenge'>,
  // @ts-expect-error: no portal
  { username: 'ada', type: 'contributor' } satisfies Args<'registerAccount'>,
  // @ts-expect-error: no such type
  { portal: 'acme', username: 'ada', type: 'guest' } satisfies Args<'registerAccount'>,
  // @ts-expect-error: no format
  { portal: 'acme' } satisfies Args<'exportEvents'>,
  'challenge-ended' satisfies CodeOf<'verifyChallenge'>,
  // @ts-expect-error: that call has no such code
  'challenge-ended' satisfies CodeOf<'openChallenge'>,
];
export async function uses(twinlock: Twinlock): Promise<string> {
  const { portal }: Reply<'me'> = await twinlock.me();
  for await (const { outcome } of twinlock.importAccounts({ portal, dryRun: true }, [{ username: 'ada' }]))
    void outcome;
  for await (const { event } of twinlock.streamEvents({ portal, lastEventId: 'x' })) void event.type;
  for await (const event of twinlock.exportEvents({ portal, format: 'ndjson', limit: 1 } as never)) void event;
  const answer = await twinlock.openChallenge({ portal, accountId: 'external:1' });
  return answer.required ? answer.challenge : '';
}

it('types are checked by the compiler', () => expect(typed).toHaveLength(8));
