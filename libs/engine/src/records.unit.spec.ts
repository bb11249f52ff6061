import { MemoryRecords } from '#libs/event-store/src/testing/memory-engine.js';
import { allRecords, updateRecord } from './records.js';

describe('updateRecord', () => {
  it('creates, changes, or leaves a record', async () => {
    const records = new MemoryRecords<number>();
    const upTo = (most: number) =>
      updateRecord(records, ['n'], (present = 0) => (present < most ? present + 1 : undefined));
    expect([await upTo(2), await upTo(2), await upTo(2)]).toEqual([1, 2, undefined]);
    expect(await records.get(['n'])).toBe(2);
  });

  it('loses no change of many at once', async () => {
    const records = new MemoryRecords<number>();
    await Promise.all(Array.from({ length: 50 }, () => updateRecord(records, ['n'], (present = 0) => present + 1)));
    expect(await records.get(['n'])).toBe(50);
  });
});

describe('allRecords', () => {
  const keysOf = async (records: AsyncIterable<{ readonly key: readonly unknown[] }>) => {
    const keys: unknown[] = [];
    for await (const { key } of records) keys.push(key.join('/'));
    return keys;
  };

  it.each([1, 2, 3, 100])('gives all in order, whatever the size of a page: %i', async (page) => {
    const records = new MemoryRecords<true>();
    for (const id of ['c', 'a', 'b']) await records.put(['demo', id], true);
    await records.put(['other', 'a'], true);
    expect(await keysOf(allRecords(records, { page }))).toEqual(['demo/a', 'demo/b', 'demo/c', 'other/a']);
    expect(await keysOf(allRecords(records, { page, prefix: ['demo'], after: ['demo', 'a'] }))).toEqual([
      'demo/b',
      'demo/c',
    ]);
  });
});
