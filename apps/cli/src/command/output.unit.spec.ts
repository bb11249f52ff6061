import { jest } from '@jest/globals';
import { answer, harmless, isColoured, members, table } from './output.js';
import { bar, Progress } from './progress.js';

const written = (write: () => void): string => {
  const spy = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  try {
    write();
    return spy.mock.calls.map(([text]) => text).join('');
  } finally {
    spy.mockRestore();
  }
};

describe('what is shown', () => {
  it('has colours on a terminal alone, for who wants them', () => {
    expect(isColoured({ isTTY: true }, { TERM: 'xterm' })).toBe(true);
    expect(isColoured({}, { TERM: 'xterm' })).toBe(false);
    expect(isColoured({ isTTY: true }, { NO_COLOR: '1' })).toBe(false);
    expect(isColoured({ isTTY: true }, { TERM: 'dumb' })).toBe(false);
  });

  it('lets nobody who chose a name speak to the terminal', () => {
    expect(harmless('a\u001b[2J\u202eb\u0007\nc')).toBe('a\uFFFD[2J\uFFFDb\uFFFD\nc');
    expect(table(['name'], [['x\u001b[31m\ny']])).toBe('NAME\nx\uFFFD[31m y');
  });

  it('stands in columns, with a dash for what is not there', () => {
    const text = table(
      ['id', 'name', 'scopes', 'first'],
      [
        ['1', 'Ada Lovelace', ['events', 'accounts'], { kind: 'user' }],
        ['12', null, [], undefined],
      ],
    );
    expect(text.split('\n')).toEqual([
      'ID  NAME          SCOPES            FIRST',
      '1   Ada Lovelace  events, accounts  kind: user',
      '12  -             -                 -',
    ]);
    expect(members({ id: 'a', twoFactor: { status: 'none' } })).toBe('id         a\ntwoFactor  status: none');
  });

  it('is one line of JSON for a program, and nothing else', () => {
    const people = () => 'never shown';
    expect(written(() => answer({ a: 'x\n' }, { json: true }, people))).toBe('{"a":"x\\n"}\n');
    expect(written(() => answer({ a: 1 }, {}, () => 'A person.'))).toBe('A person.\n');
    expect(written(() => answer({ a: 1 }, {}, () => undefined))).toBe('');
  });

  it('has a bar while work is long, on a terminal alone', () => {
    expect(bar(0.5)).toBe(`${'█'.repeat(12)}${'░'.repeat(12)}  50 %`);
    expect(bar(7)).toBe(`${'█'.repeat(24)} 100 %`);
    const texts: string[] = [];
    const write = (text: string) => texts.push(text);
    const progress = new Progress({ isTTY: true, write });
    progress.at('10 accounts', 0.1);
    progress.at('11 accounts', 0.11);
    progress.clear();
    expect(texts).toEqual([expect.stringContaining('10 accounts'), '\r\x1b[K']);
    new Progress({ write }).at('10 accounts', 0.1);
    expect(texts).toHaveLength(2);
  });
});
