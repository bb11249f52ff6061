import { join } from 'node:path';
import { openEmbeddedEngine } from '#libs/engine/src/embedded/open.js';
import type { DeadLetter } from '#libs/messaging/src/consuming/dead-letters.js';
import { typeOf } from '#test/support/events.js';
import { startStack } from '#test/support/stack.js';

const REGISTERED = typeOf('AccountRegistered');

describe('npm run dead-letters', () => {
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
      expect(await run('replay')).toMatchObject({ code: 1, stderr: expect.stringContaining('usage:') });
    } finally {
      await stack.stop();
    }
  }, 180_000);
});

/** As if two-factor had not been able to take up that somebody was registered. */
async function forget(dataDir: string): Promise<DeadLetter> {
  const identity = await openEmbeddedEngine({ path: join(dataDir, 'identity'), name: 'identity', readOnly: true });
  const items = await identity.log.feed.read(0, 1_000);
  await identity.close();
  const item = items.find(({ commit }) => commit.events[0]?.name === 'AccountRegistered')!;
  const letter: DeadLetter = {
    source: 'identity',
    position: item.position,
    index: 0,
    stream: item.commit.stream,
    type: REGISTERED,
    eventId: null,
    reason: 'TypeError at somewhere',
    at: '2026-11-24T09:30:00.000Z',
  };
  const engine = await openEmbeddedEngine({ path: join(dataDir, 'two-factor'), name: 'two-factor' });
  await engine.records('dead-letters').put(['identity', letter.position, 0], letter);
  await engine.records('policy-accounts').delete(letter.stream.split('/'));
  await engine.close();
  return letter;
}

/** As if its event were not in the log. */
async function lose(dataDir: string, letter: DeadLetter): Promise<void> {
  const engine = await openEmbeddedEngine({ path: join(dataDir, 'two-factor'), name: 'two-factor' });
  await engine.records('dead-letters').put(['identity', 9_999, 0], { ...letter, position: 9_999 });
  await engine.close();
}

async function known(dataDir: string, { stream }: DeadLetter): Promise<unknown> {
  const engine = await openEmbeddedEngine({ path: join(dataDir, 'two-factor'), name: 'two-factor', readOnly: true });
  const account = await engine.records('policy-accounts').get(stream.split('/'));
  await engine.close();
  return account;
}
