import { TextDecoder } from 'node:util';
import { UnreadableExport } from './formats/format.js';

/**
 * The lines of a text in UTF-8, with or without a byte order mark, one at a time. Only LF and CRLF end a line: text within JSON
 * may have the other line separators of Unicode.
 * @throws UnreadableExport other bytes
 */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string, void> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let kept: string[] = [];
  let first = true;
  for await (const chunk of chunks) {
    if (first && isUtf16(chunk)) throw new UnreadableExport('is text in UTF-16: save it as UTF-8');
    first = false;
    const [begin = '', ...more] = decoded(decoder, chunk).split('\n');
    kept.push(begin);
    for (const next of more) {
      yield withoutReturn(kept.join(''));
      kept = [next];
    }
  }
  const rest = kept.join('') + decoded(decoder);
  if (rest !== '') yield withoutReturn(rest);
}

function decoded(decoder: TextDecoder, chunk?: Uint8Array): string {
  try {
    return chunk ? decoder.decode(chunk, { stream: true }) : decoder.decode();
  } catch {
    throw new UnreadableExport('is no text in UTF-8');
  }
}

/** As some shells write what a program prints. */
const isUtf16 = ([first, second]: Uint8Array): boolean =>
  (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);

const withoutReturn = (line: string): string => (line.endsWith('\r') ? line.slice(0, -1) : line);

/** Lines up to so many characters, and all lines, those included. */
export async function beginningOf(
  lines: AsyncGenerator<string, void>,
  characters: number,
): Promise<{ head: string; lines: AsyncGenerator<string, void> }> {
  const taken: string[] = [];
  let length = 0;
  while (length < characters) {
    const { value, done } = await lines.next();
    if (done) break;
    taken.push(value);
    length += value.length + 1;
  }
  async function* all(): AsyncGenerator<string, void> {
    yield* taken;
    yield* lines;
  }
  return { head: taken.join('\n').slice(0, characters), lines: all() };
}
