import { jest } from '@jest/globals';
import { pino } from 'pino';
import { StoreDamaged } from '#libs/engine/src/port.js';
import { Aggregates } from '#libs/event-store/src/aggregates.js';
import { MemoryEngine } from '#libs/event-store/src/testing/memory-engine.js';
import { RecordsVault } from '#libs/vault/src/records-vault.js';
import { secondFactorFold, SecondFactors } from '../change/second-factors.js';
import { SeenCommands } from '../commands/seen-commands.js';
import { KEPT_MS } from '../commands/signed-command.js';
import { Upkeep } from './upkeep.js';

const HOUR_MS = 3_600_000;
const key = { portal: 'demo', account: 'a1', id: 's1' };

let engine: MemoryEngine;
let now: number;
let vault: RecordsVault;
let seen: SeenCommands;
let upkeep: Upkeep;
let logged: Record<string, unknown>[];

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'performance'] });
  engine = new MemoryEngine({ shared: true });
  now = Date.UTC(2026, 0, 1);
  const clock = () => now;
  logged = [];
  const logger = pino({ level: 'error' }, { write: (line) => logged.push(JSON.parse(line)) });
  vault = new RecordsVault(engine, [{ id: 'k1', key: Buffer.alloc(32, 1) }], clock);
  seen = new SeenCommands(engine, clock);
  const snapshots = engine.records<never>('snapshots');
  const aggregates = new Aggregates(secondFactorFold, { log: engine.log, snapshots, clock, logger });
  upkeep = new Upkeep(seen, new SecondFactors(aggregates, vault, clock), logger);
});
afterEach(async () => {
  await upkeep.onApplicationShutdown();
  jest.useRealTimers();
});

it('destroys the secret of a command that a dead instance cut off, once no command can name it', async () => {
  await vault.put(key, Buffer.from('secret'));
  upkeep.onApplicationBootstrap();
  await jest.advanceTimersByTimeAsync(HOUR_MS);
  expect(await vault.get(key)).toEqual(Buffer.from('secret'));
  now += 10 * 60_000;
  await jest.advanceTimersByTimeAsync(HOUR_MS);
  expect(await vault.get(key)).toBeUndefined();
});

it('passes over an account whose stream is damaged, and tells which', async () => {
  const other = { ...key, account: 'a2' };
  for (const left of [key, other]) await vault.put(left, Buffer.from('secret'));
  now += 10 * 60_000;
  const read = engine.log.read.bind(engine.log);
  jest.spyOn(engine.log, 'read').mockImplementation(async (stream, after) => {
    if (stream === 'demo/a1') throw new StoreDamaged('stream demo/a1: event 1');
    return read(stream, after);
  });
  upkeep.onApplicationBootstrap();
  await jest.advanceTimersByTimeAsync(HOUR_MS);
  expect(await vault.get(key)).toEqual(Buffer.from('secret'));
  expect(await vault.get(other)).toBeUndefined();
  expect(logged).toContainEqual(expect.objectContaining({ portal: 'demo', accountId: 'a1' }));
});

it('forgets at the start the commands that cannot come again, and leaves the secrets to what was done before it', async () => {
  await vault.put(key, Buffer.from('secret'));
  const payload = { jti: 'c1' } as never;
  await seen.once({ tokenId: 't1', payload, digest: 'd' }, async () => 'done');
  now += KEPT_MS + HOUR_MS;
  upkeep.onApplicationBootstrap();
  await upkeep.onApplicationShutdown();
  expect(await engine.records('commands').list({})).toEqual([]);
  expect(await vault.get(key)).toEqual(Buffer.from('secret'));
});
