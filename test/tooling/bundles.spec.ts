import { readdirSync, readFileSync } from 'node:fs';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { join, relative, resolve } from 'node:path';

const root = process.cwd();
const folder = join(root, 'dist/bin/shared');

/** The file of the sources, and the line in it, that a text of the bundles comes from. */
function sourceOf(text: string): [file: string, line: string | undefined] {
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.js'))) {
    const lines = readFileSync(join(folder, name), 'utf8').split('\n');
    const line = lines.findIndex((each) => each.includes(text));
    if (line < 0) continue;
    const map = new SourceMap(JSON.parse(readFileSync(join(folder, `${name}.map`), 'utf8')) as SourceMapPayload);
    const entry = map.findEntry(line, lines[line]!.indexOf(text));
    if (!('originalSource' in entry)) throw new Error(`nothing is known of line ${line + 1} of ${name}`);
    const file = resolve(folder, entry.originalSource);
    return [relative(root, file), readFileSync(file, 'utf8').split('\n')[entry.originalLine]];
  }
  throw new Error(`no bundle has ${text}`);
}

describe('the bundles', () => {
  it('lead back to the sources, for profiles and stacks', () => {
    expect(sourceOf('const matchStep =')).toEqual([
      'libs/totp/src/totp.ts',
      expect.stringContaining('export const matchStep ='),
    ]);
    expect(sourceOf('return this.#cipher.decrypt(key, entry)')).toEqual([
      'libs/vault/src/records-vault.ts',
      expect.stringContaining('return this.#cipher.decrypt(key, entry);'),
    ]);
  });
});
