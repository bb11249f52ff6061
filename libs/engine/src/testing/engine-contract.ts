import { type Engine, StoreDamaged, StoreUnavailable } from '../port.js';
import { logContract } from './log-contract.js';
import { outboxContract } from './outbox-contract.js';
import type { EnginePlace, EngineUnderTest } from './place.js';
import { recordsContract } from './records-contract.js';

/** What every adapter of the port promises. */
export function engineContract(name: string, newPlace: () => Promise<EnginePlace>): void {
  describe(`${name}: the engine's contract`, () => {
    let place: EnginePlace;
    let engine: Engine;
    const underTest: EngineUnderTest = {
      get engine() {
        return engine;
      },
      async reopen() {
        await engine.close();
        engine = await place.open();
        return engine;
      },
    };

    beforeEach(async () => {
      place = await newPlace();
      engine = await place.open();
    });
    afterEach(async () => {
      await engine.close();
      await place.remove();
    });

    logContract(underTest);
    recordsContract(underTest);
    outboxContract(underTest);

    it('keeps which accounts were deleted, each once, in the next life too', async () => {
      const all = async () => {
        const found: string[] = [];
        for await (const each of engine.erasures.all()) found.push(each.join('/'));
        return found.sort();
      };
      expect(await all()).toEqual([]);
      await Promise.all([engine.erasures.add('demo', 'a1'), engine.erasures.add('demo', 'a2')]);
      await engine.erasures.add('demo', 'a1');
      expect(await all()).toEqual(['demo/a1', 'demo/a2']);
      await underTest.reopen();
      expect(await all()).toEqual(['demo/a1', 'demo/a2']);
    });

    it('passes its check while it serves, and refuses everything once it is closed', async () => {
      const records = engine.records<number>('numbers');
      await records.put(['one'], 1);
      await engine.check();
      await engine.close();
      await expect(engine.check()).rejects.toThrow(StoreUnavailable);
      await expect(engine.log.read('portal')).rejects.toThrow(StoreUnavailable);
      await expect(engine.log.feed.read(0, 10)).rejects.toThrow(StoreUnavailable);
      await expect(records.get(['one'])).rejects.toThrow(StoreUnavailable);
      await expect(records.put(['one'], 2)).rejects.toThrow(StoreUnavailable);
    });

    it('does not pass its check any more once it was told of damage, serves on, and passes it after the next start', async () => {
      engine.damaged(new StoreDamaged('the first'));
      engine.damaged(new StoreDamaged('the second'));
      await expect(engine.check()).rejects.toThrow('the first');
      expect(await engine.log.read('portal')).toEqual([]);
      await underTest.reopen();
      await engine.check();
    });

    it('can be closed twice', async () => {
      await engine.close();
      await engine.close();
    });
  });
}
