import type { Key, Records } from './port.js';
import { CachedRecords } from './cached-records.js';

interface Fact {
  readonly n: number;
}
const key = ['demo', 'a1'];

/** Records whose answers come when the test lets them. */
class SlowRecords implements Records<Fact> {
  present: Fact | undefined;
  reads = 0;
  private held: Promise<void> = Promise.resolve();
  private release = (): void => undefined;

  hold(): void {
    this.held = new Promise((resolve) => (this.release = resolve));
  }
  letGo(): void {
    this.release();
  }

  async get(): Promise<Fact | undefined> {
    this.reads += 1;
    const read = this.present;
    await this.held;
    return read;
  }
  async create(_key: Key, fact: Fact): Promise<boolean> {
    if (this.present) return false;
    this.present = fact;
    return true;
  }
  async replace(_key: Key, expected: Fact, fact: Fact): Promise<boolean> {
    if (this.present?.n !== expected.n) return false;
    this.present = fact;
    return true;
  }
  async clear(): Promise<void> {
    this.present = undefined;
  }
  async put(_key: Key, fact: Fact): Promise<void> {
    this.present = fact;
  }
  async delete(): Promise<boolean> {
    const there = this.present !== undefined;
    this.present = undefined;
    return there;
  }
  async write(operations: readonly ({ put: Key; value: Fact } | { delete: Key })[]): Promise<void> {
    for (const operation of operations) this.present = 'put' in operation ? operation.value : undefined;
  }
  async list(): Promise<{ key: Key; value: Fact }[]> {
    return this.present ? [{ key, value: this.present }] : [];
  }
}

const open = ({ shared = false } = {}) => {
  const records = new SlowRecords();
  return { records, facts: new CachedRecords(records, { shared }) };
};

describe('remembered facts', () => {
  it('are read once', async () => {
    const { records, facts } = open();
    await facts.create(key, { n: 1 });
    expect(await facts.get(key)).toEqual({ n: 1 });
    expect(await facts.get(key)).toEqual({ n: 1 });
    expect(facts.known(key)).toEqual({ n: 1 });
    expect(records.reads).toBe(1);
  });

  it('are read each time where others write too', async () => {
    const { records, facts } = open({ shared: true });
    await facts.create(key, { n: 1 });
    await facts.get(key);
    records.present = { n: 2 };
    expect(facts.known(key)).toBeUndefined();
    expect(await facts.get(key)).toEqual({ n: 2 });
  });

  it('are forgotten when they change', async () => {
    const { facts } = open();
    await facts.create(key, { n: 1 });
    await facts.get(key);
    await facts.replace(key, { n: 1 }, { n: 2 });
    expect(await facts.get(key)).toEqual({ n: 2 });
    await facts.put(key, { n: 3 });
    expect(await facts.get(key)).toEqual({ n: 3 });
    await facts.write([{ put: key, value: { n: 4 } }]);
    expect(await facts.get(key)).toEqual({ n: 4 });
    await facts.delete(key);
    expect(await facts.get(key)).toBeUndefined();
    await facts.create(key, { n: 5 });
    await facts.get(key);
    await facts.clear();
    expect(await facts.get(key)).toBeUndefined();
  });

  it('are not remembered when a change passed while they were read', async () => {
    const { records, facts } = open();
    await facts.create(key, { n: 1 });
    records.hold();
    const old = facts.get(key);
    await facts.replace(key, { n: 1 }, { n: 2 });
    records.letGo();
    expect(await old).toEqual({ n: 1 });
    expect(facts.known(key)).toBeUndefined();
    expect(await facts.get(key)).toEqual({ n: 2 });
  });

  it('are forgotten when it is unknown whether they changed', async () => {
    const { records, facts } = open();
    await facts.create(key, { n: 1 });
    await facts.get(key);
    records.replace = async (_key, _expected, fact) => {
      records.present = fact;
      throw new Error('away');
    };
    await expect(facts.replace(key, { n: 1 }, { n: 2 })).rejects.toThrow('away');
    expect(await facts.get(key)).toEqual({ n: 2 });
  });

  it('that are not there are asked for again', async () => {
    const { records, facts } = open();
    expect(await facts.get(key)).toBeUndefined();
    records.present = { n: 1 };
    expect(await facts.get(key)).toEqual({ n: 1 });
  });
});
