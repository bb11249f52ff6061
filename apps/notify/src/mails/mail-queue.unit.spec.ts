import { emptyMemory, MemoryEngine } from '#libs/event-store/src/testing/memory-engine.js';
import { type DueMail, type Mail, MailQueue } from './mail-queue.js';

const mailOf = (portal: string): Mail => ({
  event: { id: 'e', type: 'TwoFactorEnabled', time: new Date(0).toISOString() },
  portal,
  account: 'alice',
  news: { kind: 'two-factor-enabled' },
});
const portalsOf = (due: readonly DueMail[]) => new Set(due.map(({ mail }) => mail.portal));

let now: number;
let queue: MailQueue;
beforeEach(() => {
  now = 1_000;
  queue = new MailQueue(new MemoryEngine({ memory: emptyMemory() }), () => now);
});
async function add(portal: string, count: number): Promise<void> {
  for (let i = 0; i < count; i += 1) await queue.add([`${portal}-${i}`, 'person'], mailOf(portal));
  now += 1;
}

it('the many mails of one portal hold up no other', async () => {
  await add('loud', 200);
  for (const portal of ['a', 'z']) await add(portal, 1);
  expect(portalsOf(await queue.due(50))).toEqual(new Set(['loud', 'a', 'z']));
});

it('one at a time, each is of another portal', async () => {
  await add('loud', 20);
  for (const portal of ['a', 'z']) await add(portal, 2);
  const turns = [];
  for (let i = 0; i < 6; i += 1) turns.push(...portalsOf(await queue.due(1)));
  expect(turns).toEqual(['a', 'loud', 'z', 'a', 'loud', 'z']);
});

it('each mail is due until it is finished, the first ones first, and again when it was postponed', async () => {
  await add('loud', 25);
  const finished: string[] = [];
  for (let due = await queue.due(50); due.length > 0; due = await queue.due(50)) {
    for (const one of due) {
      const isLate = one.id[0] === 'loud-7' && one.mail.attempts === 0;
      if (isLate) await queue.postpone(one, now + 60_000);
      else finished.push(one.id[0]);
      if (!isLate) await queue.finish(one, 'sent');
    }
  }
  expect(new Set(finished).size).toBe(24);
  now += 60_000;
  expect(await queue.due(50)).toMatchObject([{ id: ['loud-7', 'person'], mail: { attempts: 1 } }]);
  expect(await queue.add(['loud-3', 'person'], mailOf('loud'))).toBe(false);
  now += 9 * 86_400_000;
  await queue.due(50);
  expect(await queue.has(['loud-3', 'person'])).toBe(false);
});
