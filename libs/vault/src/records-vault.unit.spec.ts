import fc from 'fast-check';
import { StoreDamaged, StoreUnavailable } from '#libs/engine/src/port.js';
import { anyText } from '#test/support/any-text.js';
import type { StoredEntry } from './entry.js';
import { newRingKey } from './keyring.js';
import { type Serving, VaultDamaged, type VaultKey } from './port.js';
import { RecordsVault } from './records-vault.js';
import { MemoryEngine } from './testing/memory-engine.js';

const k1 = newRingKey('k1');
const k2 = newRingKey('k2');
const key: VaultKey = { portal: 'demo', account: 'a1', id: 's1' };
const secret = Buffer.from('12345678901234567890');

const stored = (engine: MemoryEngine) => engine.records<StoredEntry>('vault').list({});
const notesIn = async (engine: MemoryEngine) =>
  (await engine.records('vault-touched').list({})).map((note) => note.key[2]);
const idsIn = async (engine: MemoryEngine) => (await stored(engine)).map((entry) => entry.key[2]);

describe('an entry', () => {
  const parts = anyText({ maxLength: 20 });
  const keys = fc.record({ portal: parts, account: parts, id: parts });
  const plaintexts = fc.uint8Array({ maxLength: 330 }).map((bytes) => Buffer.from(bytes));

  it('comes back as it was put', async () => {
    await fc.assert(
      fc.asyncProperty(keys, plaintexts, async (anyKey, plaintext) => {
        const vault = new RecordsVault(new MemoryEngine(), [k1]);
        const before = Buffer.from(plaintext);
        await vault.put(anyKey, plaintext);
        expect(await vault.get(anyKey)).toEqual(before);
        expect(plaintext).toEqual(before);
      }),
    );
  });

  it('is not there unless it was put', async () => {
    const vault = new RecordsVault(new MemoryEngine(), [k1]);
    await vault.put(key, secret);
    expect(await vault.get({ ...key, id: 's2' })).toBeUndefined();
    expect(await vault.get({ ...key, account: 'a2' })).toBeUndefined();
  });

  it('is counted by the key that it is under, whether the ring has that or not, among the first ones', async () => {
    const engine = new MemoryEngine();
    const vault = new RecordsVault(engine, [k2]);
    expect(await vault.entriesByKey({ atMost: 1 })).toEqual(new Map());
    await new RecordsVault(engine, [k1]).put(key, secret);
    await vault.put({ ...key, id: 's2' }, secret);
    expect(await vault.entriesByKey({ atMost: 1 })).toEqual(new Map([['k1', 1]]));
    expect(await vault.entriesByKey()).toEqual(
      new Map([
        ['k1', 1],
        ['k2', 1],
      ]),
    );
  });

  it('opens nowhere else', async () => {
    await fc.assert(
      fc.asyncProperty(keys, keys, async (from, to) => {
        fc.pre(JSON.stringify(from) !== JSON.stringify(to));
        const engine = new MemoryEngine();
        const vault = new RecordsVault(engine, [k1]);
        await vault.put(from, secret);
        const [entry] = await stored(engine);
        await engine.records('vault').put([to.portal, to.account, to.id], entry!.value);
        await expect(vault.get(to)).rejects.toThrow(VaultDamaged);
      }),
    );
  });

  it.each([
    ['portal', { portal: 'demo2' }],
    ['account', { account: 'a2' }],
    ['id', { id: 's2' }],
  ])('opens under no other %s', async (_, other) => {
    const engine = new MemoryEngine();
    const vault = new RecordsVault(engine, [k1]);
    await vault.put(key, secret);
    const moved = { ...key, ...other };
    await engine.records('vault').put([moved.portal, moved.account, moved.id], (await stored(engine))[0]!.value);
    await expect(vault.get(moved)).rejects.toThrow(VaultDamaged);
  });

  it('does not open when any byte of it was changed', async () => {
    const engine = new MemoryEngine();
    const vault = new RecordsVault(engine, [k1]);
    await vault.put(key, secret);
    const { value } = (await stored(engine))[0]!;
    const sealed = Buffer.from(value.sealed, 'base64');
    for (let place = 0; place < sealed.length; place++) {
      const altered = Buffer.from(sealed);
      altered[place]! ^= 1;
      await engine.records('vault').put(['demo', 'a1', 's1'], { ...value, sealed: altered.toString('base64') });
      await expect(vault.get(key)).rejects.toThrow(VaultDamaged);
    }
    for (const broken of [
      { ...value, sealed: '' },
      { ...value, keyId: 'k2' },
      { keyId: 7, sealed: 7 },
      {},
      'text',
      null,
    ]) {
      await engine.records('vault').put(['demo', 'a1', 's1'], broken);
      await expect(vault.get(key)).rejects.toThrow(VaultDamaged);
    }
  });

  it('opens by every key of the ring, and names the key that is missing', async () => {
    const engine = new MemoryEngine();
    await new RecordsVault(engine, [k1]).put(key, secret);
    expect(await new RecordsVault(engine, [k2, k1]).get(key)).toEqual(secret);
    await expect(new RecordsVault(engine, [k2]).get(key)).rejects.toThrow(/key k1, which is not in the key ring/);
    await expect(new RecordsVault(engine, [{ id: 'k1', key: k2.key }]).get(key)).rejects.toThrow(VaultDamaged);
  });

  it('that is damaged is told of; one under a key that the ring lacks is not', async () => {
    const engine = new MemoryEngine();
    const told: string[] = [];
    const watched = Object.assign(engine, { damaged: (damage: Error) => void told.push(damage.message) });
    await new RecordsVault(engine, [k1]).put(key, secret);
    await expect(new RecordsVault(watched, [k2]).get(key)).rejects.toThrow(VaultDamaged);
    expect(told).toEqual([]);
    const vault = new RecordsVault(watched, [{ id: 'k1', key: k2.key }]);
    await expect(vault.get(key)).rejects.toThrow(VaultDamaged);
    await engine.records('vault').put(['demo', 'a1', 's1'], 'text');
    await expect(vault.get(key)).rejects.toThrow(VaultDamaged);
    expect(told).toEqual(Array(2).fill("the vault's entry s1 of demo/a1 is not what was stored there"));
  });

  it('shows nothing of the secret in what is stored', async () => {
    const engine = new MemoryEngine();
    await new RecordsVault(engine, [k1]).put(key, secret);
    const { value } = (await stored(engine))[0]!;
    const text = JSON.stringify(value) + Buffer.from(value.sealed, 'base64').toString('latin1');
    for (const encoding of ['latin1', 'hex', 'base64'] as const) {
      expect(text).not.toContain(secret.toString(encoding).slice(2, 12));
    }
  });

  it('is another ciphertext each time', async () => {
    const engine = new MemoryEngine();
    const vault = new RecordsVault(engine, [k1]);
    await vault.put(key, secret);
    const first = (await stored(engine))[0]!.value.sealed;
    await vault.put(key, secret);
    expect((await stored(engine))[0]!.value.sealed).not.toBe(first);
  });
});

describe('keepOnly', () => {
  it('destroys the other entries of the account, and of no other account', async () => {
    const engine = new MemoryEngine();
    const vault = new RecordsVault(engine, [k1]);
    for (const account of ['a1', 'a', 'a11']) {
      await vault.put({ portal: 'demo', account, id: `old-${account}` }, secret);
      await vault.keepOnly('demo', account, async () => [`old-${account}`]);
    }
    await vault.put({ portal: 'demo2', account: 'a1', id: 'elsewhere' }, secret);
    await vault.put({ ...key, id: 'new' }, secret);
    await vault.keepOnly('demo', 'a1', async () => ['new']);
    expect((await idsIn(engine)).sort()).toEqual(['elsewhere', 'new', 'old-a', 'old-a11']);
    expect(await notesIn(engine)).toEqual(['elsewhere']);
    await vault.keepOnly('demo', 'a1', async () => []);
    expect((await idsIn(engine)).sort()).toEqual(['elsewhere', 'old-a', 'old-a11']);
  });

  it('destroys what was touched, also when its own command had not settled it', async () => {
    const engine = new MemoryEngine();
    const vault = new RecordsVault(engine, [k1]);
    await vault.put(key, secret);
    await vault.touch('demo', 'a1', ['s1']);
    await vault.keepOnly('demo', 'a1', async () => []);
    expect(await idsIn(engine)).toEqual([]);
    expect(await notesIn(engine)).toEqual([]);
  });

  it('destroys what was touched, also where an entry of the account is damaged', async () => {
    const engine = new MemoryEngine();
    const damaged = engine.seenBy(async (operation) => {
      if (operation === 'list vault') throw new StoreDamaged('an entry does not match its checksum');
    });
    const vault = new RecordsVault(damaged, [k1]);
    await vault.put(key, secret);
    await vault.touch('demo', 'a1', ['s1']);
    await vault.keepOnly('demo', 'a1', async () => []);
    expect(await idsIn(engine)).toEqual([]);
    expect(await notesIn(engine)).toEqual([]);
  });

  it('spares what another command has put and not yet appended, for ten minutes', async () => {
    const engine = new MemoryEngine();
    let now = 1_000_000;
    const vault = new RecordsVault(engine, [k1], () => now);
    await vault.put({ ...key, id: 'in-flight' }, secret);
    now += 10 * 60_000 - 1;
    await vault.keepOnly('demo', 'a1', async () => []);
    expect(await idsIn(engine)).toEqual(['in-flight']);
    now += 1;
    await vault.keepOnly('demo', 'a1', async () => []);
    expect(await idsIn(engine)).toEqual([]);
    expect(await notesIn(engine)).toEqual([]);
  });

  it('asks which ids are named after it has looked which are there', async () => {
    const engine = new MemoryEngine();
    const vault = new RecordsVault(engine, [k1]);
    await vault.put({ ...key, id: 'old' }, secret);
    await vault.keepOnly('demo', 'a1', async () => ['old']);
    await vault.keepOnly('demo', 'a1', async () => {
      await vault.put({ ...key, id: 'named-meanwhile' }, secret);
      await vault.keepOnly('demo', 'a1', async () => ['old', 'named-meanwhile']);
      return ['old'];
    });
    expect((await idsIn(engine)).sort()).toEqual(['named-meanwhile', 'old']);
  });
});

describe('destroy', () => {
  it('destroys exactly these', async () => {
    const engine = new MemoryEngine();
    const vault = new RecordsVault(engine, [k1]);
    await vault.put(key, secret);
    await vault.put({ ...key, id: 's2' }, secret);
    await vault.destroy('demo', 'a1', ['s1', 'never-was']);
    expect(await idsIn(engine)).toEqual(['s2']);
    expect(await notesIn(engine)).toEqual(['s2']);
  });
});

describe('recover', () => {
  const serving: Serving = {
    failed: (_portal, _account, error) => {
      throw error;
    },
  };

  it('destroys what no event names, asks only about accounts that are noted, and tells how many', async () => {
    const engine = new MemoryEngine();
    const before = new RecordsVault(engine, [k1]);
    await before.put({ portal: 'demo', account: 'settled', id: 's0' }, secret);
    await before.keepOnly('demo', 'settled', async () => ['s0']);
    for (let account = 0; account < 450; account++) {
      await before.put({ portal: 'demo', account: `a${account}`, id: 'orphan' }, secret);
      await before.put({ portal: 'demo', account: `a${account}`, id: 'named' }, secret);
    }
    const asked = new Set<string>();
    const destroyed = await new RecordsVault(engine, [k1]).recover(async (portal, account) => {
      asked.add(`${portal}/${account}`);
      return ['named'];
    });
    expect(destroyed).toBe(450);
    expect(asked.size).toBe(450);
    expect(asked).not.toContain('demo/settled');
    expect(await notesIn(engine)).toEqual([]);
    expect(new Set(await idsIn(engine))).toEqual(new Set(['s0', 'named']));
  });

  it('destroys what a dead instance was ending, also when another had settled the account in between', async () => {
    const engine = new MemoryEngine({ shared: true });
    const [dying, other] = [new RecordsVault(engine, [k1]), new RecordsVault(engine, [k1])];
    await other.put(key, secret);
    await other.keepOnly('demo', 'a1', async () => ['s1']);
    await dying.touch('demo', 'a1', ['s1']);
    await other.keepOnly('demo', 'a1', async () => ['s1']);
    // its event was appended, and nothing after it
    expect(await new RecordsVault(engine, [k1]).recover(async () => [])).toBe(1);
    expect(await idsIn(engine)).toEqual([]);
  });

  it('needs no clock where nobody else works, and spares the commands in flight of others where they do', async () => {
    for (const shared of [false, true]) {
      const engine = new MemoryEngine({ shared });
      await new RecordsVault(engine, [k1], () => 5_000_000).put(key, secret);
      // set back by a day
      const later = new RecordsVault(engine, [k1], () => 5_000_000 - 86_400_000);
      const soon = new RecordsVault(engine, [k1], () => 5_001_000);
      if (shared) {
        expect(await soon.recover(async () => [])).toBe(0);
        expect(await idsIn(engine)).toEqual(['s1']);
      }
      expect(await later.recover(async () => [])).toBe(1);
      expect(await idsIn(engine)).toEqual([]);
    }
  });

  it('spares what a command of its own may still name while it is serving, and destroys it when none can any more', async () => {
    const engine = new MemoryEngine();
    let now = 5_000_000;
    const vault = new RecordsVault(engine, [k1], () => now);
    await vault.put(key, secret);
    now += 9 * 60_000;
    expect(await vault.recover(async () => [], serving)).toBe(0);
    now += 60_000;
    expect(await vault.recover(async () => [], serving)).toBe(1);
    expect(await idsIn(engine)).toEqual([]);
  });

  describe('of an account that fails', () => {
    const setUp = async (error: Error) => {
      const engine = new MemoryEngine({ shared: true });
      for (const account of ['a1', 'a2', 'a3']) {
        await new RecordsVault(engine, [k1], () => 0).put({ portal: 'demo', account, id: account }, secret);
      }
      const named = async (_portal: string, account: string) => {
        if (account === 'a2') throw error;
        return [];
      };
      return { engine, vault: new RecordsVault(engine, [k1]), named };
    };

    it('tells while it is serving, goes on with the others, and tries it again the next time', async () => {
      const error = new StoreDamaged('its stream');
      const { engine, vault, named } = await setUp(error);
      const failures: unknown[] = [];
      const failed: Serving['failed'] = (...failure) => failures.push(failure);
      expect(await vault.recover(named, { failed })).toBe(2);
      expect(await idsIn(engine)).toEqual(['a2']);
      expect(await vault.recover(named, { failed })).toBe(0);
      expect(failures).toEqual(Array(2).fill(['demo', 'a2', error]));
      expect(await vault.recover(async () => [], { failed })).toBe(1);
    });

    it('ends there at a start, and where the store is away', async () => {
      const damaged = await setUp(new StoreDamaged('its stream'));
      await expect(damaged.vault.recover(damaged.named)).rejects.toThrow(StoreDamaged);
      expect(await idsIn(damaged.engine)).toEqual(['a2', 'a3']);
      const away = await setUp(new StoreUnavailable('it is away'));
      const failed = () => undefined;
      await expect(away.vault.recover(away.named, { failed })).rejects.toThrow(StoreUnavailable);
      expect(await idsIn(away.engine)).toEqual(['a2', 'a3']);
    });
  });
});
