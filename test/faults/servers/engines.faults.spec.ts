import { setTimeout as after } from 'node:timers/promises';
import { type Servers, startServers } from '#test/support/servers/engines.js';
import { useStack } from '#test/support/use-stack.js';
import { randomFromEnvironment } from '../support/random.js';
import { lookIntoDatabase } from '#test/support/servers/mongo/documents.js';
import { vaultIn } from '#test/support/stored/stored.js';
import { Load } from './load.js';

const ROUNDS = Number(process.env.FAULTS_ROUNDS ?? 3);

const servers = await startServers({ own: true });
const missing = 'missing' in servers ? servers.missing : undefined;

(missing === undefined ? describe : describe.skip)(missing ?? 'killed at random moments under load', () => {
  const { kafka, mongo, stop } = servers as Servers;
  const stack = useStack({ servers: servers as Servers, env: { LOG_LEVEL: 'error' } });
  const random = randomFromEnvironment();
  let load: Load;
  beforeAll(async () => {
    load = await Load.on(stack, random);
  });
  afterAll(() => stop());

  /** Kills it again and again; what is lost, doubled, let through or out of order fails. */
  async function killed(victim: { kill(): Promise<void>; start(): Promise<void> }, longestMs: number): Promise<void> {
    load.start();
    try {
      await load.moreChanges(2);
      for (let round = 1; round <= ROUNDS; round += 1) {
        await load.more(random.between(5, 60));
        await load.someMoment();
        await victim.kill();
        await after(random.between(0, longestMs));
        await victim.start();
        await load.more(5);
        await load.moreChanges(1);
      }
    } finally {
      await load.stop();
    }
    await load.check();
    const { held, named, isNew } = await vault();
    // the command of another instance could still name what is new
    expect(held.filter((id) => named.includes(id) || !isNew.has(id))).toEqual(named);
  }

  const vault = () => lookIntoDatabase(stack.engine.env.MONGO_URL as string, 'two-factor', vaultIn);

  it('the product: nothing answered is lost, nothing is accepted twice, no guess too many, every event in order', async () => {
    await killed({ kill: () => stack.kill(), start: () => stack.start() }, 500);
  }, 300_000);

  it('the broker: the same, and everything goes on by itself', async () => {
    await killed(kafka.process as NonNullable<typeof kafka.process>, 3_000);
  }, 300_000);

  it('the database: the same, and everything goes on by itself', async () => {
    await killed(mongo.process as NonNullable<typeof mongo.process>, 3_000);
  }, 300_000);

  it('set back, the clock: no code is right again, and the log keeps its order', async () => {
    load.start({ changing: false });
    try {
      for (let round = 1; round <= ROUNDS; round += 1) {
        await load.more(20);
        stack.clock.advance(-90);
      }
      await load.more(20);
    } finally {
      await load.stop();
    }
    await load.check();
  });

  it('leave no secret behind that no event names, once no command can name it', async () => {
    await stack.shutDown();
    stack.clock.advance(20 * 60 + 90 * ROUNDS);
    await stack.start();
    const { held, named } = await vault();
    expect(held).toEqual(named);
  });

  it('were under a load of every kind', () => {
    for (const [what, times] of Object.entries(load.seen)) expect([what, times > 0]).toEqual([what, true]);
  });
});
