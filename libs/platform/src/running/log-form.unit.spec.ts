import { commitOf } from '#libs/engine/src/testing/commits.js';
import { MemoryEngine } from '#libs/event-store/src/testing/memory-engine.js';
import { refuseFormerLog } from './log-form.js';

const refusal = 'DATA_DIR holds the events of another release, which this one does not read';

describe('a log', () => {
  it('that is new is taken, and taken again when it holds something', async () => {
    const engine = new MemoryEngine();
    await refuseFormerLog(engine, {});
    await engine.log.append(commitOf({}));
    await expect(refuseFormerLog(engine, {})).resolves.toBeUndefined();
  });

  it('of a release that did not seal is refused in a line', async () => {
    const engine = new MemoryEngine();
    await engine.log.append(commitOf({}));
    await expect(refuseFormerLog(engine, {})).rejects.toThrow(refusal);
    await expect(refuseFormerLog(engine, { mongoUrl: 'mongodb://x' })).rejects.toThrow(/^MONGO_URL/);
  });

  it('of a release to come is refused too', async () => {
    const engine = new MemoryEngine();
    await engine.records<number>('log-form').put(['form'], 3);
    await expect(refuseFormerLog(engine, {})).rejects.toThrow(refusal);
  });
});
