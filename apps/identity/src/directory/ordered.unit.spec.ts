import fc from 'fast-check';
import { firstWhere, Ordered } from './ordered.js';

interface Item {
  readonly key: number;
  readonly id: string;
  gone: boolean;
}
const compare = (a: Item, b: Item): number => a.key - b.key || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
const id = fc.integer({ min: 0, max: 60 }).map(String);
const change = fc.oneof(
  { weight: 5, arbitrary: fc.record({ put: id, key: fc.integer({ min: 0, max: 9 }) }) },
  { weight: 2, arbitrary: fc.record({ remove: id }) },
);

describe('items in order', () => {
  it('are those that were put and not removed, few or many of which changed since the last look', () => {
    const batches = fc.array(fc.array(change, { maxLength: 80 }), { maxLength: 5 });
    fc.assert(
      fc.property(batches, (looks) => {
        const ordered = new Ordered<Item>(compare, ({ gone }) => gone);
        const there = new Map<string, Item>();
        const remove = (name: string) => {
          const present = there.get(name);
          if (!present) return;
          present.gone = true;
          there.delete(name);
          // an equal one will do
          ordered.remove({ ...present });
        };
        for (const changes of looks) {
          for (const each of changes) {
            if ('remove' in each) {
              remove(each.remove);
              continue;
            }
            if (there.get(each.put)?.key === each.key) continue;
            remove(each.put);
            const item = { key: each.key, id: each.put, gone: false };
            there.set(item.id, item);
            ordered.put(item);
          }
          expect(ordered.items()).toEqual([...there.values()].sort(compare));
        }
      }),
    );
  });

  it('the first for which something is true is found, or the end', () => {
    expect([0, 3, 9].map((least) => firstWhere([1, 3, 3, 5], (item) => item >= least))).toEqual([0, 1, 4]);
    expect(firstWhere([], () => true)).toBe(0);
  });
});
