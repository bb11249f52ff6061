import { type Engine, StoreUnavailable } from '../port.js';
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

    it('can be closed twice', async () => {
      await engine.close();
      await engine.close();
    });
  });
}
