import { pino } from 'pino';
import { Aggregates } from '#libs/event-store/src/aggregates.js';
import { MemoryEngine } from '#libs/event-store/src/testing/memory-engine.js';
import { RecordsVault } from '#libs/vault/src/records-vault.js';
import { secondFactorFold, SecondFactors } from '../accounts/second-factors.js';
import { SeenCommands } from '../commands/seen-commands.js';
import { Upkeep } from './upkeep.js';

it('destroys the secret of a command that a dead instance cut off, once no command can name it', async () => {
  const engine = new MemoryEngine({ shared: true });
  let now = Date.UTC(2026, 0, 1);
  const clock = () => now;
  const logger = pino({ level: 'silent' });
  const vault = new RecordsVault(engine, [{ id: 'k1', key: Buffer.alloc(32, 1) }], clock);
  const snapshots = engine.records<never>('snapshots');
  const aggregates = new Aggregates(secondFactorFold, { log: engine.log, snapshots, clock, logger });
  const key = { portal: 'demo', account: 'a1', id: 's1' };
  await vault.put(key, Buffer.from('secret'));

  const tidyUp = async () => {
    const upkeep = new Upkeep(new SeenCommands(engine, clock), new SecondFactors(aggregates, vault, clock), logger);
    upkeep.onApplicationBootstrap();
    await upkeep.onApplicationShutdown();
  };
  await tidyUp();
  expect(await vault.get(key)).toEqual(Buffer.from('secret'));
  now += 10 * 60_000;
  await tidyUp();
  expect(await vault.get(key)).toBeUndefined();
});
