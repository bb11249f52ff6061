import type { RecordedEvent } from '#libs/contracts/src/events/event.js';
import { identityRequests } from '#libs/contracts/src/messages/requests.js';
import { Problem } from '#libs/contracts/src/problems.js';
import { anEvent } from '#libs/contracts/src/testing/events.js';
import { Requests } from '#libs/messaging/src/requests.js';
import { AccountNames } from './account-names.js';

const present: Readonly<Record<string, string>> = { a1: 'alice', a2: 'grace' };
const asked: { portal: string; accountIds: string[] }[] = [];
beforeEach(() => asked.splice(0));

/** An identity app that has those accounts. */
const names = new AccountNames(
  new Requests(async ({ pattern, payload }) => {
    expect(pattern).toBe(identityRequests.nameAccounts.pattern);
    const question = identityRequests.nameAccounts.schema.parse(JSON.parse(payload));
    asked.push(question);
    return JSON.stringify({ reply: { usernames: question.accountIds.map((id) => present[id] ?? null) } });
  }),
);

describe('the names of an event', () => {
  it.each([
    ['whom it is about and who acted', { account: 'a1', actor: { kind: 'administrator', id: 'a2' } }, 'alice', 'grace'],
    ['who acted on themselves', { account: 'a1', actor: { kind: 'user', id: 'a1' } }, 'alice', 'alice'],
    ['nobody where the account is gone', { account: 'gone', actor: { kind: 'user', id: 'gone' } }, '', ''],
    ['no account that a service has the id of', { account: 'a1', actor: { kind: 'service', id: 'a2' } }, 'alice', ''],
    ['nobody where there is nobody', { account: undefined, actor: { kind: 'system' } }, '', ''],
  ] as const)('are of %s', async (_, members, account, actor) => {
    expect(await names.of('demo', [anEvent(members as object)])).toEqual([{ account, actor }]);
  });

  it('are asked for once each, at most 400 at a time', async () => {
    const events = Array.from({ length: 500 }, (_, at) =>
      anEvent({ id: `e${at}`, account: `x${at}`, actor: { kind: 'administrator', id: 'a2' } }),
    );
    const found = await names.of('demo', events);
    expect(found.every(({ actor }) => actor === 'grace')).toBe(true);
    expect(asked.map(({ accountIds }) => accountIds.length)).toEqual([400, 101]);
  });

  it('are not asked for where nobody is named, and an event that was altered breaks nothing', async () => {
    const altered = { portal: 'demo', account: '<not an id>', actor: { kind: 'user', id: 7 } };
    expect(await names.of('demo', [altered as unknown as RecordedEvent])).toEqual([{ account: '', actor: '' }]);
    expect(asked).toEqual([]);
  });

  it('are none while identity does not answer', async () => {
    const away = new AccountNames(new Requests(() => Promise.reject(new Problem('unavailable'))));
    await expect(away.of('demo', [anEvent({ account: 'a1' })])).rejects.toMatchObject({ code: 'unavailable' });
  });
});
