import { PassThrough, Readable } from 'node:stream';
import fc from 'fast-check';
import { type Line, linesOf } from './lines.js';
import { repeatedName } from './repeated-name.js';

const limits = { mostBytes: 20, patienceMs: 10_000 };
const read = async (chunks: readonly (string | Buffer)[]) => {
  const lines: [number, string | null][] = [];
  const body = Readable.from(chunks.map((chunk) => Buffer.from(chunk as string)));
  for await (const { number, bytes } of linesOf(body, limits)) lines.push([number, bytes?.toString() ?? null]);
  return lines;
};

describe('the lines of a body', () => {
  it('are numbered, without the empty ones', async () => {
    expect(await read(['one\n\ntwo\r\n\r\nthree'])).toEqual([
      [1, 'one'],
      [3, 'two'],
      [5, 'three'],
    ]);
    expect(await read([])).toEqual([]);
    expect(await read(['\n\n'])).toEqual([]);
  });

  it('begin without a byte order mark', async () => {
    expect(await read(['\ufeffone\n\ufefftwo'])).toEqual([
      [1, 'one'],
      [2, '\ufefftwo'],
    ]);
  });

  it('are as long as they may be, also with a carriage return', async () => {
    const long = 'x'.repeat(20);
    expect(await read([`${long}\n${long}\r\n${long}x\n${long}xxx\r\nshort`])).toEqual([
      [1, long],
      [2, long],
      [3, null],
      [4, null],
      [5, 'short'],
    ]);
  });

  it('are the same however the body is cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: fc.constantFrom('a', 'é', '\n', '\r'), maxLength: 60 }), { maxLength: 6 }),
        fc.integer({ min: 1, max: 7 }),
        async (parts, size) => {
          const whole = Buffer.from(parts.join(''));
          const pieces = Array.from({ length: Math.ceil(whole.length / size) }, (_, at) =>
            whole.subarray(at * size, (at + 1) * size),
          );
          expect(await read(pieces)).toEqual(await read([whole]));
        },
      ),
      { numRuns: 200 },
    );
  });

  it('end with the body if no whole line comes in time, whatever else comes', async () => {
    const body = new PassThrough();
    const dripping = setInterval(() => body.write('\n'), 5);
    body.write('one\n');
    const lines: Line[] = [];
    const reading = (async () => {
      for await (const line of linesOf(body, { ...limits, patienceMs: 100 })) lines.push(line);
    })();
    await expect(reading).rejects.toThrow('no line came in time');
    clearInterval(dripping);
    expect(lines).toHaveLength(1);
    expect(body.destroyed).toBe(true);
  });

  it('may wait for who asks for them as long as that takes', async () => {
    const lines = linesOf(Readable.from([Buffer.from('one\ntwo\n')]), { ...limits, patienceMs: 20 });
    expect((await lines.next()).done).toBe(false);
    await new Promise((passed) => setTimeout(passed, 60));
    expect(await lines.next()).toMatchObject({ done: false, value: { number: 2 } });
    expect((await lines.next()).done).toBe(true);
  });
});

describe('a member that an object has twice', () => {
  it.each([
    ['{"a":1,"a":2}', true],
    ['{"a":1,"\\u0061":2}', true],
    ['[{"a":1},{"a":1}]', false],
    ['{"a":{"a":1},"b":[{"a":1},"a","a"]}', false],
    ['{"x":{"b":1,"c":{},"b":2}}', true],
    ['{"a":"b","b":"a","c":"\\"a\\":"}', false],
    ['{"a":[1,2,{"c":1}],"d":1,"a":1}', true],
  ])('%s: %s', (json, twice) => {
    expect(repeatedName(json)).toBe(twice);
  });

  it('is in nothing that was written by JSON.stringify', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => expect(repeatedName(JSON.stringify(value))).toBe(false)));
  });
});
