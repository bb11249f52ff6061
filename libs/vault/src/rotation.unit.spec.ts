import fc from 'fast-check';
import type { StoredEntry } from './entry.js';
import { newRingKey } from './keyring.js';
import { RecordsVault } from './records-vault.js';
import { type Before, MemoryEngine } from './testing/memory-engine.js';

const [k1, k2, k3] = [newRingKey('k1'), newRingKey('k2'), newRingKey('k3')];
const where = { portal: 'demo', account: 'a1' };
const secretOf = (id: string) => Buffer.from(`secret of ${id}`);

async function filled(count: number) {
  const engine = new MemoryEngine();
  const vault = new RecordsVault(engine, [k1]);
  for (let index = 0; index < count; index++) await vault.put({ ...where, id: `s${index}` }, secretOf(`s${index}`));
  return { engine, vault };
}

describe('rotate', () => {
  it('brings every entry under the present key, so that the old one may go', async () => {
    const { engine, vault } = await filled(350);
    expect(await vault.entriesByKey()).toEqual(new Map([['k1', 350]]));
    vault.useRing([k2, k1]);
    expect(await vault.rotate()).toEqual({
      presentKeyId: 'k2',
      reencrypted: 350,
      destroyedMeanwhile: 0,
      damaged: [],
      complete: true,
    });
    expect(await vault.entriesByKey()).toEqual(new Map([['k2', 350]]));
    const without = new RecordsVault(engine, [k2]);
    for (let index = 0; index < 350; index++) {
      expect(await without.get({ ...where, id: `s${index}` })).toEqual(secretOf(`s${index}`));
    }
  });

  it('leaves nothing behind that was on its way into the store', async () => {
    const engine = new MemoryEngine();
    let rotated = false;
    const vault: RecordsVault = new RecordsVault(
      engine.seenBy(async (operation) => {
        if (operation !== 'put vault' || rotated) return;
        rotated = true;
        vault.useRing([k2, k1]);
        expect(await vault.rotate()).toMatchObject({ reencrypted: 0, complete: true });
      }),
      [k1],
    );
    await vault.put({ ...where, id: 's0' }, secretOf('s0'));
    expect(await vault.entriesByKey()).toEqual(new Map([['k2', 1]]));
    expect(await new RecordsVault(engine, [k2]).get({ ...where, id: 's0' })).toEqual(secretOf('s0'));
  });

  it('leaves alone what is under the present key', async () => {
    const { engine, vault } = await filled(3);
    const before = await engine.records('vault').list({});
    expect(await vault.rotate()).toMatchObject({ reencrypted: 0, complete: true });
    expect(await engine.records('vault').list({})).toEqual(before);
  });

  it('can be stopped, and goes on where it was', async () => {
    const { engine } = await filled(350);
    const stop = new AbortController();
    let replaced = 0;
    const stopping = engine.seenBy(async (operation) => {
      if (operation === 'replace vault' && ++replaced === 150) stop.abort();
    });
    const first = await new RecordsVault(stopping, [k2, k1]).rotate({ signal: stop.signal });
    expect(first).toMatchObject({ reencrypted: 200, complete: false });
    const vault = new RecordsVault(engine, [k2, k1]);
    expect(await vault.entriesByKey()).toEqual(
      new Map([
        ['k1', 150],
        ['k2', 200],
      ]),
    );
    expect(await vault.rotate()).toMatchObject({ reencrypted: 150, complete: true });
    expect(await vault.rotate({ signal: AbortSignal.abort() })).toMatchObject({ reencrypted: 0, complete: false });
  });

  it('tells which entries are damaged, leaves them, and rotates the rest', async () => {
    const { engine, vault } = await filled(5);
    const records = engine.records<StoredEntry>('vault');
    const foreign: StoredEntry = { keyId: 'k9', sealed: 'AAAA' };
    await records.put(['demo', 'a1', 's2'], foreign);
    const moved = (await records.get(['demo', 'a1', 's3']))!;
    await records.put(['demo', 'a1', 's4'], moved);
    vault.useRing([k2, k1]);
    expect(await vault.rotate()).toEqual({
      presentKeyId: 'k2',
      reencrypted: 3,
      destroyedMeanwhile: 0,
      damaged: [
        { ...where, id: 's2' },
        { ...where, id: 's4' },
      ],
      complete: true,
    });
    expect(await records.get(['demo', 'a1', 's2'])).toEqual(foreign);
    expect(await records.get(['demo', 'a1', 's4'])).toEqual(moved);
    expect(await vault.entriesByKey()).toEqual(
      new Map([
        ['k1', 1],
        ['k2', 3],
        ['k9', 1],
      ]),
    );
  });

  it('loses nothing and brings nothing back, whatever is put, destroyed and exchanged meanwhile', async () => {
    const action = fc.oneof(
      fc.nat({ max: 5 }).map((index) => ({ type: 'destroy' as const, id: `s${index}` })),
      fc.nat({ max: 5 }).map((index) => ({ type: 'get' as const, id: `s${index}` })),
      fc.nat({ max: 3 }).map((index) => ({ type: 'put' as const, id: `new${index}` })),
      fc.constant({ type: 'exchange' as const, id: '' }),
    );
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.array(action, { maxLength: 8 }), async (scheduler, actions) => {
        const { engine } = await filled(6);
        const before: Before = (operation) => scheduler.schedule(Promise.resolve(), operation);
        const vault = new RecordsVault(engine.seenBy(before), [k1]);
        const destroyed = new Set(actions.filter(({ type }) => type === 'destroy').map(({ id }) => id));
        const put = new Set(actions.filter(({ type }) => type === 'put').map(({ id }) => id));

        const act = async ({ type, id }: (typeof actions)[number]) => {
          switch (type) {
            case 'destroy':
              await vault.destroy(where.portal, where.account, [id]);
              expect(await vault.get({ ...where, id })).toBeUndefined();
              return;
            case 'get': {
              const secret = await vault.get({ ...where, id });
              if (secret) expect(secret).toEqual(secretOf(id));
              else expect(destroyed).toContain(id);
              return;
            }
            case 'put':
              await vault.put({ ...where, id }, secretOf(id));
              return;
            case 'exchange':
              await scheduler.schedule(Promise.resolve(), 'exchange');
              vault.useRing([k3, k2, k1]);
              return;
          }
        };
        const running = actions.map(act);
        vault.useRing([k2, k1]);
        running.push(vault.rotate().then((report) => expect(report).toMatchObject({ damaged: [], complete: true })));
        await scheduler.waitFor(Promise.all(running));

        const present = actions.some(({ type }) => type === 'exchange') ? 'k3' : 'k2';
        // a ring that came after the rotation had ended asks for one more
        if (present === 'k3') await scheduler.waitFor(vault.rotate());
        const left = await engine.records<StoredEntry>('vault').list({});
        const expected = [...Array.from({ length: 6 }, (_, index) => `s${index}`), ...put].filter(
          (id) => !destroyed.has(id),
        );
        expect(left.map(({ key }) => key[2]).sort()).toEqual(expected.sort());
        expect(new Set(left.map(({ value }) => value.keyId))).toEqual(new Set(expected.length > 0 ? [present] : []));
        const check = new RecordsVault(engine, [k3, k2]);
        const read = await Promise.all(expected.map((id) => check.get({ ...where, id })));
        expect(read.map(String)).toEqual(expected.map((id) => String(secretOf(id))));
      }),
      { numRuns: 300 },
    );
  });
});
