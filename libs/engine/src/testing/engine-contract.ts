import type { Engine } from '../port.js';
import { StoreUnavailable } from '../port.js';
import { logContract } from './log-contract.js';
import { recordsContract } from './records-contract.js';

/** Where one engine keeps its data; nothing is there at first. */
export interface EnginePlace {
  open(): Promise<Engine>;
  /** After the engines that were opened here are closed. */
  remove(): Promise<void>;
}

/** For a suite: an engine that is closed after each test, and what was stored is what the next `reopen` finds. */
export interface EngineUnderTest {
  readonly engine: Engine;
  /** Closes it and opens it anew on what it has stored. */
  reopen(): Promise<Engine>;
}

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
