import { accountIn, convert, fixture, textLines } from './testing/convert.js';
import { UnreadableExport } from './format.js';
import { HEAD_CHARACTERS, otherThan } from './formats.js';
import { type FormatName, formatNames } from './names.js';
import { beginningOf } from '../lines.js';

const files: [FormatName, string][] = [
  ['keycloak', fixture('keycloak-26.7.3.json')],
  ['privacyidea', fixture('privacyidea-3.14.xml')],
  ['privacyidea', fixture('rfc6030-figure-6.xml')],
  ['privacyidea', fixture('rfc6030-figure-7.xml')],
  ['authelia', fixture('authelia-4.38.yml')],
  ['otpauth', fixture('authelia-4.37.txt')],
  ['google', 'otpauth-migration://offline?data=CgA\n'],
  ['twinlock', '{"username":"ada","totp":[{"secret":"JBSWY3DPEHPK3PXP"}]}\n'],
];

const head = async (text: string) => (await beginningOf(textLines(text), HEAD_CHARACTERS)).head;

describe('a file is told', () => {
  it.each(files)('as %s, and is no other format', async (name, text) => {
    const start = await head(`\n${text}`);
    expect(otherThan(name, start)).toBeUndefined();
    for (const wrong of formatNames.filter((other) => other !== name))
      expect(otherThan(wrong, start)).toMatch(new RegExp(`: --from ${name}$`));
  });

  it.each([
    ['privacyIDEA', 'gAAAAABlkXlq0000'],
    ['Authelia', 'issuer,username,algorithm,digits,period,secret\n'],
    ['HTML', '<!DOCTYPE html><html></html>'],
    ['XML', '<?xml version="1.0"?><Tokens/>'],
    ['JSON array', '[{"a":1}]'],
    ['JSON', '{"a":1}'],
    ['CSV', 'a;b;c\n1;2;3\n'],
    ['nothing that is known', 'hello'],
    ['nothing that is known', ''],
  ])('as %s', (title, text) => {
    for (const name of formatNames) expect(otherThan(name, text)).toContain(title);
  });
});

describe('lines', () => {
  const all = async (...chunks: Uint8Array[]) => {
    const { linesOf } = await import('../lines.js');
    const lines: string[] = [];
    async function* given() {
      yield* chunks;
    }
    for await (const line of linesOf(given())) lines.push(line);
    return lines;
  };

  it('end at LF or CRLF alone, wherever the chunks end', async () => {
    const text = '\uFEFFä\r\n\u2028b\n\nc';
    const bytes = Buffer.from(text);
    for (let at = 0; at <= bytes.length; at += 1)
      expect(await all(bytes.subarray(0, at), bytes.subarray(at))).toEqual(['ä', '\u2028b', '', 'c']);
  });

  it.each([
    ['UTF-16', Buffer.from('\uFEFFotpauth://', 'utf16le')],
    ['no text in UTF-8', Buffer.from([0x89, 0x50, 0x4e, 0x47])],
    ['no text in UTF-8', Buffer.from([0x61, 0xc3])],
  ])('are refused where the file is %s', async (what, bytes) => {
    await expect(all(bytes)).rejects.toThrow(what);
  });
});

describe('Authelia', () => {
  it('4.38 writes the Base64 of what the app has in Base32', async () => {
    const accounts = (await convert('authelia', fixture('authelia-4.38.yml'))).map(accountIn);
    expect(accounts).toMatchObject([
      { username: 'john', totp: [{ algorithm: 'SHA1', digits: 6, period: 30, name: 'auth.example.com' }] },
      {
        username: 'harry',
        totp: [{ secret: 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ', algorithm: 'SHA512', digits: 8, period: 60 }],
      },
    ]);
  });

  it('4.37 prints links, whose accounts are the same', async () => {
    const [john, harry] = (await convert('otpauth', fixture('authelia-4.37.txt'))).map(accountIn);
    const [newer] = (await convert('authelia', fixture('authelia-4.38.yml'))).map(accountIn);
    expect(john).toEqual(newer);
    expect(harry).toMatchObject({ username: 'harry@example.com', totp: [{ algorithm: 'SHA512', digits: 8 }] });
  });

  it('says which entry is wrong, and takes the others', async () => {
    const text = fixture('authelia-4.38.yml').replace('algorithm: SHA1\n', 'algorithm: MD5\n');
    const [john, harry] = await convert('authelia', text);
    expect(john).toEqual({ where: 'entry 1', username: 'john', field: 'algorithm', code: 'algorithm-unsupported' });
    expect(accountIn(harry).username).toBe('harry');
  });
});

describe('lines of ours', () => {
  it('are sent as they stand, with the number that they have in the file', async () => {
    expect(await convert('twinlock', '{"a":1}\n\n {oops\r\n')).toEqual([
      { where: 'line 1', line: '{"a":1}' },
      { where: 'line 3', line: ' {oops' },
    ]);
  });
});

describe('a file that cannot be read', () => {
  const MARK = 'JBSWY3DPEHPK3PXQ';
  it.each([
    ['keycloak', `{"realm":"a","users":[{"secret": ${MARK}`],
    ['keycloak', `{"realm":"a","users":"${MARK}"}`],
    ['privacyidea', `<KeyContainer><Key>${MARK}</Kez></KeyContainer>`],
    ['privacyidea', `<!DOCTYPE k [<!ENTITY m "${MARK}">]><KeyContainer><Key>&m;</Key></KeyContainer>`],
    ['privacyidea', '<a>'.repeat(200_000)],
    ['authelia', `totp_configurations: [{secret: ${MARK}`],
    ['authelia', `totp_configurations: ${MARK}`],
  ] as const)('of %s is refused without what stands in it', async (name, text) => {
    const error = await convert(name, text).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UnreadableExport);
    expect((error as Error).message).not.toContain(MARK);
    expect((error as Error).cause).toBeUndefined();
  });
});
