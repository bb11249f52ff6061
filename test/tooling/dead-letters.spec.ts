import { typeOf } from '#test/support/events.js';
import { lookInto, type StoreFile } from '#test/support/stored/store-file.js';
import { startStack } from '#test/support/process/stack.js';

/** What an app could not handle, as it stands in its store. */
interface DeadLetter {
  readonly source: string;
  readonly position: number;
  readonly index: number;
  readonly stream: string;
  readonly type: string;
  readonly eventId: string | null;
  readonly reason: string;
  readonly at: string;
}

const REGISTERED = typeOf('AccountRegistered');

describe('twinlock dead-letters', () => {
  it('lists, shows and replays what an app could not handle, once', async () => {
    const stack = await startStack({ engine: 'embedded', demo: true });
    try {
      const run = (...args: string[]) =>
        stack
          .run('dead-letters', ...args)
          .then(({ stdout, stderr }) => ({ code: 0, stdout, stderr }))
          .catch((error: { code: number; stdout: string; stderr: string }) => error);
      expect((await run('list')).stdout).toBe('no dead letters\n');
      await stack.shutDown();
      const letter = await forget(stack.dataDir);
      const id = `two-factor:identity:${letter.position}:${letter.index}`;

      expect((await run('list')).stdout).toContain(`${id}  ${letter.at}  ${REGISTERED}  ${letter.stream}  TypeError\n`);
      expect((await run('list', '--topic', 'twinlock.two-factor.events')).stdout).toBe('no dead letters\n');
      const shown = JSON.parse((await run('show', '--id', id)).stdout) as object;
      expect(shown).toEqual({ id, app: 'two-factor', topic: 'twinlock.identity.events', ...letter });

      await stack.start();
      const { apps } = (await stack.operator.installation()).success();
      const { type, eventId, reason, at } = letter;
      const listed = { id, topic: 'twinlock.identity.events', type, eventId, reason, at };
      expect(apps.map(({ app, deadLetters }) => [app, deadLetters])).toEqual([
        ['identity', { count: 0, newest: [] }],
        ['two-factor', { count: 1, newest: [listed] }],
        ['admin-policy', { count: 0, newest: [] }],
        ['audit', { count: 0, newest: [] }],
        ['openid', { count: 0, newest: [] }],
      ]);
      expect(await stack.run('installation').catch((error: object) => error)).toMatchObject({
        code: 1,
        stdout: expect.stringContaining(`${id}  ${at}  twinlock.identity.events  -      TypeError\n`),
      });
      await stack.shutDown();

      expect(await run('replay', '--topic', 'twinlock.identity.events')).toMatchObject({
        code: 0,
        stdout: expect.stringContaining(`${id}: replayed\n`),
      });
      expect((await run('list')).stdout).toBe('no dead letters\n');
      expect((await run('list', '--all')).stdout).toMatch(/ TypeError \(replayed \d{4}-/);
      expect(await known(stack.dataDir, letter)).toMatchObject({ type: { fact: 'contributor' } });
      expect((await run('replay', '--id', id)).stdout).toContain(`${id}: already replayed\n`);

      await lose(stack.dataDir, letter);
      const lost = 'two-factor:identity:9999:0';
      expect(await run('replay', '--id', lost)).toMatchObject({
        code: 1,
        stderr: expect.stringContaining(`${lost}: replay failed: `),
      });

      const unknown = await run('replay', '--id', 'two-factor:identity:9:9');
      expect(unknown).toMatchObject({ code: 1, stderr: 'two-factor:identity:9:9: no such dead letter\n' });
      expect(await run('replay')).toMatchObject({ code: 2, stderr: expect.stringContaining('usage:') });
    } finally {
      await stack.stop();
    }
  }, 180_000);
});

/** As if two-factor had not been able to take up that somebody was registered. */
async function forget(dataDir: string): Promise<DeadLetter> {
  const commits = await lookInto(dataDir, 'identity', (store) => store.commits());
  const { position, stream } = commits.find(({ events }) => events[0]?.body.includes(`"${REGISTERED}"`))!;
  const letter: DeadLetter = {
    source: 'identity',
    position,
    index: 0,
    stream,
    type: REGISTERED,
    eventId: null,
    reason: 'TypeError at somewhere',
    at: '2026-11-24T09:30:00.000Z',
  };
  const forgetting = async (store: StoreFile) => {
    await store.put('dead-letters', ['identity', position, 0], letter);
    await store.delete('account-facts', stream.split('/'));
  };
  await lookInto(dataDir, 'two-factor', forgetting, { writing: true });
  return letter;
}

/** As if its event were not in the log. */
async function lose(dataDir: string, letter: DeadLetter): Promise<void> {
  const lost = { ...letter, position: 9_999 };
  const losing = (store: StoreFile) => store.put('dead-letters', ['identity', 9_999, 0], lost);
  await lookInto(dataDir, 'two-factor', losing, { writing: true });
}

async function known(dataDir: string, { stream }: DeadLetter): Promise<unknown> {
  const accounts = await lookInto(dataDir, 'two-factor', (store) => store.records('account-facts'));
  return accounts.find(({ key }) => key.join('/') === stream)?.value;
}
