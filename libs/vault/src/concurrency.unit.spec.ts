import fc from 'fast-check';
import { newRingKey } from './keyring.js';
import type { Vault } from './port.js';
import { RecordsVault } from './records-vault.js';
import { AccountLog } from './testing/account-log.js';
import { type Before, MemoryEngine } from './testing/memory-engine.js';

const ring = [newRingKey('k1')];
const where = { portal: 'demo', account: 'a1' };
const secretOf = (id: string) => Buffer.from(`secret of ${id}`);

class Crash extends Error {}

/** What a user of the vault does, in the order that the port asks for. Ends when it is recorded and all is destroyed. */
async function command(vault: Vault, log: AccountLog, newId: string | null): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    const { version, named } = log;
    const id = newId && `${newId}.${attempt}`;
    if (id) await vault.put({ ...where, id }, secretOf(id));
    await vault.touch(where.portal, where.account, named);
    if (log.append(version, id ? [id] : [])) {
      await vault.keepOnly(where.portal, where.account, async () => log.named);
      for (const ended of named) expect(await vault.get({ ...where, id: ended })).toBeUndefined();
      return;
    }
    if (id) await vault.destroy(where.portal, where.account, [id]);
  }
}

async function expectOnlyNamed(engine: MemoryEngine, log: AccountLog): Promise<void> {
  const entries = await engine.records('vault').list({});
  expect(entries.map(({ key }) => key[2])).toEqual(log.named);
  const vault = new RecordsVault(engine, ring);
  for (const id of log.named) expect(await vault.get({ ...where, id })).toEqual(secretOf(id));
}

const newIds = (maxLength: number) =>
  fc
    .array(fc.boolean(), { minLength: 1, maxLength })
    .map((kinds) => kinds.map((issues, index) => (issues ? `s${index}` : null)));

describe('the vault among commands', () => {
  it('keeps what the log names and nothing else, when commands of one account run on several instances at once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), newIds(4), async (scheduler, ids) => {
        const engine = new MemoryEngine({ shared: true });
        const log = new AccountLog();
        const before: Before = (operation) => scheduler.schedule(Promise.resolve(), operation);
        await scheduler.waitFor(
          Promise.all(ids.map((id) => command(new RecordsVault(engine.seenBy(before), ring), log, id))),
        );
        await expectOnlyNamed(engine, log);
      }),
      { numRuns: 300 },
    );
  });

  it('keeps what the log names and nothing else, whenever the process dies', async () => {
    await fc.assert(
      fc.asyncProperty(newIds(4), fc.nat({ max: 60 }), fc.nat({ max: 30 }), async (ids, first, second) => {
        const engine = new MemoryEngine();
        const log = new AccountLog();
        const dyingAfter = (operations: number): RecordsVault => {
          let left = operations;
          return new RecordsVault(
            engine.seenBy(async () => {
              if (left-- <= 0) throw new Crash();
            }),
            ring,
          );
        };
        const alive = dyingAfter(first);
        try {
          for (const id of ids) await command(alive, log, id);
        } catch (error) {
          expect(error).toBeInstanceOf(Crash);
        }
        // the first start after it dies as well, perhaps
        await dyingAfter(second)
          .recover(async () => log.named)
          .catch((error: unknown) => expect(error).toBeInstanceOf(Crash));
        await new RecordsVault(engine, ring).recover(async () => log.named);
        await expectOnlyNamed(engine, log);
      }),
      { numRuns: 400 },
    );
  });

  it('destroys what was ended, and takes nothing from a command in flight, when another instance recovers', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), newIds(3), async (scheduler, ids) => {
        const engine = new MemoryEngine({ shared: true });
        const log = new AccountLog();
        const before: Before = (operation) => scheduler.schedule(Promise.resolve(), operation);
        const vault = () => new RecordsVault(engine.seenBy(before), ring);
        await scheduler.waitFor(
          Promise.all([
            ...ids.map((id) => command(vault(), log, id)),
            vault().recover(async () => log.named),
            vault().recover(async () => log.named),
          ]),
        );
        await expectOnlyNamed(engine, log);
      }),
      { numRuns: 300 },
    );
  });
});
