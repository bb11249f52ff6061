import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { accountToImport } from '#libs/contracts/src/http/import.js';
import { linesOf } from '../../lines.js';
import type { Converted, Given } from '../format.js';
import { formats } from '../formats.js';
import type { FormatName } from '../names.js';

/** What another product wrote; its name says which, and in which version. */
export const fixture = (name: string): string => readFileSync(join(import.meta.dirname, 'fixtures', name), 'utf8');

export const textLines = (text: string): AsyncGenerator<string, void> =>
  linesOf(
    (async function* () {
      yield Buffer.from(text);
    })(),
  );

interface Options extends Omit<Given, 'password'> {
  readonly password?: string;
}

export async function convert(name: FormatName, text: string, options: Options = {}): Promise<Converted[]> {
  const { password, ...given } = options;
  const asked = () => (password === undefined ? Promise.reject(new Error('no password')) : Promise.resolve(password));
  const all: Converted[] = [];
  for await (const one of formats[name].convert(textLines(text), { ...given, password: asked })) all.push(one);
  return all;
}

/** As the call takes it: a line that it would refuse fails the test. */
export const accountIn = (one: Converted | undefined) => {
  if (one === undefined || !('line' in one)) throw new Error(`no account: ${JSON.stringify(one)}`);
  return accountToImport.parse(JSON.parse(one.line));
};
