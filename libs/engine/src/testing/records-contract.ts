import fc from 'fast-check';
import { anyText } from '#test/support/any-text.js';
import type { Key, Records } from '../port.js';
import type { EngineUnderTest } from './place.js';

export function recordsContract(underTest: EngineUnderTest): void {
  const records = <Value = unknown>(name = 'things'): Records<Value> => underTest.engine.records<Value>(name);

  describe('records', () => {
    it('keeps any JSON under any key', async () => {
      const part = fc.oneof(anyText({ maxLength: 80 }), fc.constantFrom('', '\u0000', '\ud800', '\ufffd'));
      let run = 0;
      await fc.assert(
        fc.asyncProperty(
          fc.uniqueArray(fc.tuple(part, fc.maxSafeNat(), part), { maxLength: 8, selector: JSON.stringify }),
          fc.jsonValue(),
          async (keys, json) => {
            const mine = records(`run ${run++ % 5}`);
            await mine.clear();
            const entries = keys.map((key, i) => ({ key, value: [i, json] }));
            await Promise.all(entries.map(({ key, value }) => mine.put(key, value)));
            for (const { key, value } of entries) expect(await mine.get(key)).toEqual(asJson(value));
            expect(await mine.list({})).toHaveLength(keys.length);
          },
        ),
        { numRuns: 25 },
      );
    });

    it('gives nothing for a key that was never put, and the last value for one put twice', async () => {
      const things = records<string>();
      expect(await things.get(['a'])).toBeUndefined();
      await things.put(['a'], 'old');
      await things.put(['a'], 'new');
      expect(await things.get(['a'])).toBe('new');
      expect(await things.get(['a', 'b'])).toBeUndefined();
    });

    it('gives each reader a value of its own', async () => {
      const given = { list: [1] };
      await records<typeof given>().put(['a'], given);
      given.list.push(2);
      const read = await records<typeof given>().get(['a']);
      read?.list.push(3);
      expect(await records().get(['a'])).toEqual({ list: [1] });
    });

    it('keeps collections apart', async () => {
      const names = ['a', 'b', 'a:b', 'log', 'streams', 'commands', 'a/b', 'A', ''];
      for (const name of names) await records(name).put(['key'], name);
      await records('a').clear();
      for (const name of names) expect(await records(name).get(['key'])).toBe(name === 'a' ? undefined : name);
    });

    it('answers many who read at once, each with what it asked for', async () => {
      const names = ['a', 'b', 'c'];
      // one of them twice
      const numbers = [8, ...Array.from({ length: 400 }, (_, number) => number)];
      const isThere = (number: number) => number % 3 > 0;
      const keyOf = (number: number) => ['n', number];
      const valueOf = (name: string, number: number) => `${name}${number}`;
      for (const name of names) {
        const there = numbers.filter(isThere);
        await records(name).write(there.map((number) => ({ put: keyOf(number), value: valueOf(name, number) })));
      }
      const readAll = (name: string) => Promise.all(numbers.map((number) => records(name).get(keyOf(number))));
      const expected = (name: string) => numbers.map((number) => (isThere(number) ? valueOf(name, number) : undefined));
      expect(await Promise.all(names.map(readAll))).toEqual(names.map(expected));
    });

    it('creates once: of many at the same moment one is told so', async () => {
      const told = await Promise.all(Array.from({ length: 32 }, (_, i) => records().create(['a'], i)));
      expect(told.filter(Boolean)).toHaveLength(1);
      expect(await records().get(['a'])).toBe(told.indexOf(true));
      expect(await records().create(['a'], 'late')).toBe(false);
    });

    it('replaces only what equals the value expected, deeply', async () => {
      const things = records();
      expect(await things.replace(['a'], { n: 1 }, 'new')).toBe(false);
      expect(await things.get(['a'])).toBeUndefined();
      await things.put(['a'], { n: 1, list: [{ x: null }], s: 'text' });
      expect(await things.replace(['a'], { n: 1, list: [{ x: 0 }], s: 'text' }, 'new')).toBe(false);
      expect(await things.replace(['a'], { n: 1, list: [{ x: null }] }, 'new')).toBe(false);
      expect(await things.replace(['a'], { s: 'text', list: [{ x: null }], n: 1 }, 'new')).toBe(true);
      expect(await things.get(['a'])).toBe('new');
    });

    it('replaces a value by an equal one only where it is there', async () => {
      const things = records<string>();
      expect(await things.replace(['a'], 'same', 'same')).toBe(false);
      await things.put(['a'], 'other');
      expect(await things.replace(['a'], 'same', 'same')).toBe(false);
      await things.put(['a'], 'same');
      expect(await things.replace(['a'], 'same', 'same')).toBe(true);
      expect(await things.get(['a'])).toBe('same');
    });

    it('takes no value for an expression', async () => {
      const things = records<string>();
      await things.put(['a'], '$value');
      expect(await things.replace(['a'], '$value', '$$ROOT')).toBe(true);
      expect(await things.get(['a'])).toBe('$$ROOT');
    });

    it('lets one of many replace the same value', async () => {
      const things = records<number>();
      await things.put(['a'], 0);
      const told = await Promise.all(Array.from({ length: 32 }, (_, i) => things.replace(['a'], 0, i + 1)));
      expect(told.filter(Boolean)).toHaveLength(1);
      expect(await things.get(['a'])).toBe(told.indexOf(true) + 1);
    });

    it('deletes what is still as expected, once', async () => {
      const things = records<object>();
      await things.put(['a'], { n: 1 });
      expect(await things.remove(['a'], { n: 2 })).toBe(false);
      expect(await things.remove(['b'], { n: 1 })).toBe(false);
      const told = await Promise.all(Array.from({ length: 8 }, () => things.remove(['a'], { n: 1 })));
      expect(told.filter(Boolean)).toHaveLength(1);
      expect(await things.get(['a'])).toBeUndefined();
    });

    it('loses no step of many who count at once', async () => {
      const counts = records<number>();
      await counts.put(['a'], 0);
      const count = async (): Promise<void> => {
        for (let done = 0; done < 5;) {
          const now = (await counts.get(['a'])) ?? 0;
          if (await counts.replace(['a'], now, now + 1)) done++;
        }
      };
      await Promise.all(Array.from({ length: 8 }, count));
      expect(await counts.get(['a'])).toBe(40);
    });

    it('replaces by what the value is, whoever wrote it', async () => {
      const things = records<string>();
      await things.put(['a'], 'one');
      await things.put(['a'], 'two');
      await things.put(['a'], 'one');
      expect(await things.replace(['a'], 'one', 'three')).toBe(true);
    });

    it('deletes once: of many at the same moment one is told so', async () => {
      await records().put(['a'], 1);
      const told = await Promise.all(Array.from({ length: 32 }, () => records().delete(['a'])));
      expect(told.filter(Boolean)).toHaveLength(1);
      expect(await records().get(['a'])).toBeUndefined();
      expect(await records().delete(['a'])).toBe(false);
    });

    it('writes many at once, in their order', async () => {
      const things = records<number>();
      await things.put(['gone'], 0);
      await things.write([
        { put: ['a'], value: 1 },
        { delete: ['gone'] },
        { delete: ['never'] },
        { put: ['a'], value: 2 },
        { put: ['b'], value: 3 },
        { delete: ['b'] },
      ]);
      await things.write([]);
      expect(await things.list({})).toEqual([{ key: ['a'], value: 2 }]);
    });

    it('clears a collection, which can be filled again', async () => {
      const things = records<number>();
      await things.write(Array.from({ length: 500 }, (_, i) => ({ put: ['n', i], value: i })));
      await things.clear();
      expect(await things.list({})).toEqual([]);
      await things.put(['n', 1], 1);
      expect(await things.list({})).toEqual([{ key: ['n', 1], value: 1 }]);
    });

    it('has everything again when it is opened anew', async () => {
      await records().put(['a', 1], { deep: [1, 'two', null] });
      await records().put(['b', 2], 'kept');
      await records().delete(['b', 2]);
      await underTest.reopen();
      expect(await records().list({})).toEqual([{ key: ['a', 1], value: { deep: [1, 'two', null] } }]);
      expect(await records().replace(['a', 1], { deep: [1, 'two', null] }, 'next')).toBe(true);
    });
  });

  describe('list', () => {
    it('orders numbers as numbers, strings by code point, and parts before what follows them', async () => {
      const keys: Key[] = [
        ['', 0],
        ['', 10],
        ['a', 2],
        ['a', 10],
        ['a', 255],
        ['a', 256],
        ['a', 2 ** 32],
        ['a', Number.MAX_SAFE_INTEGER],
        ['a\u0000', 1],
        ['a\u0001', 1],
        ['aa', 1],
        ['b', 0],
        ['ä', 0],
        ['\uffee', 0],
        ['😀', 0],
      ];
      for (const key of [...keys].reverse()) await records().put(key, 0);
      expect((await records().list({})).map(({ key }) => key)).toEqual(keys);
      expect((await records().list({ reverse: true })).map(({ key }) => key)).toEqual([...keys].reverse());
    });

    it('gives what a simple model gives, for every prefix, start, limit and direction', async () => {
      const part = fc.constantFrom('', 'a', 'a\u0000', 'ab', 'b');
      const key = fc.tuple(part, fc.nat(3), part);
      const range = fc.record(
        {
          prefix: fc.oneof(key, fc.tuple(part, fc.nat(3)), fc.tuple(part), fc.constant([])),
          after: key,
          limit: fc.integer({ min: 1, max: 5 }),
          reverse: fc.boolean(),
        },
        { requiredKeys: [] },
      );
      await fc.assert(
        fc.asyncProperty(
          fc.uniqueArray(key, { selector: String, maxLength: 20 }),
          fc.array(range, { maxLength: 10 }),
          async (keys, ranges) => {
            const things = records<string>();
            await things.clear();
            await things.write(keys.map((put) => ({ put, value: put.join() })));
            for (const wanted of ranges) {
              const found = (await things.list(wanted)).map(({ key: found }) => found);
              expect(found).toEqual(modelOf(keys, wanted));
            }
          },
        ),
        { numRuns: 50 },
      );
    });

    it('pages through a prefix by the last key of each page', async () => {
      const things = records<number>();
      await things.write([
        ...Array.from({ length: 23 }, (_, i) => ({ put: ['portal', i], value: i })),
        { put: ['portal-2', 0], value: -1 },
      ]);
      const seen: number[] = [];
      for (let after: Key | undefined; ;) {
        const page = await things.list({ prefix: ['portal'], limit: 5, ...(after && { after }) });
        seen.push(...page.map(({ value }) => value));
        after = page.at(-1)?.key;
        if (after === undefined) break;
      }
      expect(seen).toEqual(Array.from({ length: 23 }, (_, i) => i));
    });
  });
}

type Range = Parameters<Records<never>['list']>[0];

function modelOf(keys: readonly Key[], { prefix = [], after, limit, reverse = false }: Range): Key[] {
  const ordered = [...keys].sort(compare);
  if (reverse) ordered.reverse();
  return ordered
    .filter((key) => prefix.every((part, i) => key[i] === part))
    .filter((key) => after === undefined || (reverse ? compare(key, after) < 0 : compare(key, after) > 0))
    .slice(0, limit);
}

function compare(a: Key, b: Key): number {
  for (const [i, part] of a.entries()) {
    const other = b[i];
    if (other === undefined) return 1;
    if (part !== other) return part < other ? -1 : 1;
  }
  return a.length - b.length;
}

/** As a value comes back: `-0` and what JSON does not know are gone. */
const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
