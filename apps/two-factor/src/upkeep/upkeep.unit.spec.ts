import { jest } from '@jest/globals';
import { pino } from 'pino';
import { StoreDamaged } from '#libs/engine/src/port.js';
import { Aggregates } from '#libs/event-store/src/aggregates.js';
import { MemoryEngine } from '#libs/event-store/src/testing/memory-engine.js';
import type { AccountType } from '#libs/contracts/src/primitives.js';
import { STANDARD_TOTP } from '#libs/contracts/src/limits.js';
import { aContext } from '#libs/contracts/src/testing/contexts.js';
import { Requests } from '#libs/messaging/src/requests.js';
import { RecordsVault } from '#libs/vault/src/records-vault.js';
import { secondFactorFold, SecondFactors } from '../change/second-factors.js';
import { LockEnds } from '../unlock/lock-ends.js';
import { SeenCommands } from '../commands/seen-commands.js';
import { KEPT_MS } from '../commands/signed-command.js';
import { PendingImports } from '../import/pending-imports.js';
import { PolicyFacts } from '../policy/policy-facts.js';
import { PolicyEvents } from '../policy/policy.events.js';
import { Upkeep } from './upkeep.js';

const HOUR_MS = 3_600_000;
const key = { portal: 'demo', account: 'a1', id: 's1' };

let engine: MemoryEngine;
let now: number;
let vault: RecordsVault;
let seen: SeenCommands;
let upkeep: Upkeep;
let secondFactors: SecondFactors;
let imports: PendingImports;
let facts: PolicyFacts;
/** Accounts that are registered. */
let known: string[];
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
  const lockEnds = new LockEnds(engine);
  secondFactors = new SecondFactors(aggregates, vault, clock, lockEnds);
  known = [];
  const requests = new Requests(async ({ payload }) => {
    const { accountIds } = JSON.parse(payload) as { accountIds: string[] };
    return JSON.stringify({ reply: { usernames: accountIds.map((id) => (known.includes(id) ? id : null)) } });
  });
  facts = new PolicyFacts(engine);
  imports = new PendingImports(engine, clock, secondFactors, facts, requests);
  upkeep = new Upkeep(imports, seen, secondFactors, lockEnds, clock, logger);
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

describe('R36 a second factor that was imported for an account', () => {
  const bring = async (accountId: string) => {
    const account = { portal: 'demo', accountId };
    await imports.note(account);
    await importSecret(accountId);
  };
  const importSecret = async (accountId: string, importId = 'i1', authenticatorId = 's1') => {
    const account = { portal: 'demo', accountId };
    const authenticators = [{ authenticatorId, totp: STANDARD_TOTP }];
    await secondFactors.execute(
      account,
      aContext(),
      () => ({ type: 'Import' as const, importId, authenticators, registered: false }),
      { [authenticatorId]: Buffer.from('secret') },
    );
  };
  const inVault = (account: string) => vault.get({ portal: 'demo', account, id: 's1' });
  const hours = async (count: number) => {
    now += count * HOUR_MS;
    await jest.advanceTimersByTimeAsync(HOUR_MS);
  };

  it('is destroyed after a day if the account never came', async () => {
    await bring('a1');
    upkeep.onApplicationBootstrap();
    await hours(23);
    expect(await inVault('a1')).toEqual(Buffer.from('secret'));
    await hours(2);
    expect(await inVault('a1')).toBeUndefined();
    expect(await engine.records('pending-imports').list({})).toEqual([]);
  });

  it('stays if the account is there and only its registration has not arrived', async () => {
    await bring('a1');
    known = ['a1'];
    upkeep.onApplicationBootstrap();
    await hours(48);
    expect(await inVault('a1')).toEqual(Buffer.from('secret'));
    await imports.settle({ portal: 'demo', accountId: 'a1' }, 'i1', aContext());
    await hours(48);
    expect(await inVault('a1')).toEqual(Buffer.from('secret'));
    expect((await secondFactors.state({ portal: 'demo', accountId: 'a1' })).enrolment.status).toBe('enabled');
  });

  it('that came too late leaves nothing', async () => {
    await bring('a1');
    await imports.settle({ portal: 'demo', accountId: 'a1' }, 'i1', aContext());
    known = ['a1'];
    await imports.note({ portal: 'demo', accountId: 'a1' });
    upkeep.onApplicationBootstrap();
    await hours(25);
    expect(await engine.records('pending-imports').list({})).toEqual([]);
    expect(await inVault('a1')).toEqual(Buffer.from('secret'));
  });

  it('is destroyed at once if the account is registered by another call', async () => {
    await bring('a1');
    await imports.settle({ portal: 'demo', accountId: 'a1' }, null, aContext());
    expect(await inVault('a1')).toBeUndefined();
    expect((await secondFactors.state({ portal: 'demo', accountId: 'a1' })).enrolment.status).toBe('none');
  });

  it.each([null, 'i2'])(
    'is destroyed before a registration by import %s is adopted, by whoever adopts it after a crash',
    async (importId) => {
      await bring('a1');
      await importSecret('a1', 'i2', 's2');
      const settle = () => imports.settle({ portal: 'demo', accountId: 'a1' }, importId, aContext());
      jest.spyOn(vault, 'keepOnly').mockRejectedValueOnce(new Error('killed'));
      await expect(settle()).rejects.toThrow('killed');
      expect(await inVault('a1')).toBeDefined();
      await settle();
      expect(await inVault('a1')).toBeUndefined();
    },
  );

  it('is destroyed after a day if the account was registered by another call while it was brought', async () => {
    await imports.note({ portal: 'demo', accountId: 'a1' });
    await imports.settle({ portal: 'demo', accountId: 'a1' }, null, aContext());
    // nothing was known of the account when it was decided
    await importSecret('a1');
    await facts.adoptType('demo', 'a1', 1, 'contributor');
    known = ['a1'];
    upkeep.onApplicationBootstrap();
    await hours(25);
    expect(await inVault('a1')).toBeUndefined();
    expect(await engine.records('pending-imports').list({})).toEqual([]);
  });

  it('of an account that was deleted keeps no other from being destroyed', async () => {
    for (const accountId of ['a1', 'a2']) await bring(accountId);
    await secondFactors.execute({ portal: 'demo', accountId: 'a1' }, aContext(), () => ({ type: 'Erase' as const }));
    upkeep.onApplicationBootstrap();
    await hours(25);
    expect(await inVault('a2')).toBeUndefined();
    expect(await engine.records('pending-imports').list({})).toEqual([]);
  });

  it('comes before all else: a change of an account whose registration could not be adopted is not adopted either', async () => {
    await bring('a1');
    const events = new PolicyEvents(facts, imports, undefined as never, undefined as never);
    const change = (from: AccountType, to: AccountType, streamVersion: number) =>
      events.accountChanged({ portal: 'demo', account: 'a1', streamVersion, data: { type: { from, to } } } as never);
    await expect(change('contributor', 'power-reader', 2)).rejects.toThrow('not adopted');
    await expect(change('power-reader', 'contributor', 3)).rejects.toThrow('not adopted');
    await expect(facts.of({ portal: 'demo', accountId: 'a1' })).rejects.toMatchObject({ code: 'not-found' });

    const registration = {
      data: { type: 'contributor', importId: 'i1' },
      portal: 'demo',
      account: 'a1',
      streamVersion: 1,
    };
    await events.accountRegistered(registration as never, aContext());
    await change('contributor', 'power-reader', 2);
    expect(await facts.of({ portal: 'demo', accountId: 'a1' })).toMatchObject({ contributor: false });
  });

  it('is missed if it is not there: the registration is not adopted', async () => {
    await bring('a1');
    const settling = imports.settle({ portal: 'demo', accountId: 'a1' }, 'i2', aContext());
    await expect(settling).rejects.toThrow('the second factor that import i2 brought is missing');
  });
});
