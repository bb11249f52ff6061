/**
 * Keys as text that sorts as their tuples do, part by part, when it is compared byte by byte in UTF-8, as MongoDB compares
 * without a collation. Readable where keys are:
 *
 *     ['demo', 'alice', 12]   demo!alice!#0000000000000012!
 *
 * `!` ends a part and sorts before whatever may stand in one; what would sort at or before it, and the marks themselves,
 * are escaped. Half a surrogate pair, which UTF-8 cannot carry, is written in its place between U+D7FF and U+E000.
 */
import { InvalidKey, MAX_KEY_BYTES } from '../../invalid-key.js';
import type { Key, Records } from '../../port.js';

const END = '!';
/** Sorts after every key that begins with the parts before it, and before every greater one. */
const BEYOND_END = '"';
const ESCAPE = '"';
const NUMBER = '#';
const DIGITS = 16;
const HALVES = '\ud7ff';

/** Everything up to `#`: controls, space, and the three marks; and what has no place in UTF-8, or marks it. */
const toEscape = /[\u0000-#\ud7ff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
const escaped = /"([0-S])|\ud7ff(0|1[0-9a-f]{4})/g;

/** @throws InvalidKey */
export function encodeKey(key: Key): string {
  let text = '';
  for (const part of key) text += (typeof part === 'string' ? part.replace(toEscape, escape) : number(part)) + END;
  if (Buffer.byteLength(text) > MAX_KEY_BYTES) throw new InvalidKey(`a key of more than ${MAX_KEY_BYTES} bytes`);
  return text;
}

export const decodeKey = (text: string): Key =>
  text
    .split(END)
    .slice(0, -1)
    .map((part) => (part.startsWith(NUMBER) ? Number(part.slice(1)) : part.replace(escaped, unescape)));

/** Bounds of a range of keys, as MongoDB's query operators take them. */
export function boundsOf({ prefix = [], after, reverse = false }: Parameters<Records<never>['list']>[0]) {
  const common = encodeKey(prefix);
  const bounds = prefix.length === 0 ? { $gte: '' } : { $gte: common, $lt: common.slice(0, -1) + BEYOND_END };
  if (after === undefined) return bounds;
  const beyond = encodeKey(after);
  return reverse ? { ...bounds, $lt: least(bounds.$lt, beyond) } : { ...bounds, $gt: beyond };
}

/** By code point, which is how UTF-8 sorts; nothing encoded has half a surrogate pair. */
function least(a: string | undefined, b: string): string {
  return a !== undefined && Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0 ? a : b;
}

function number(value: number): string {
  if (!Number.isSafeInteger(value) || value < 0) throw new InvalidKey(`${value} in a key: only integers from 0`);
  return NUMBER + String(value).padStart(DIGITS, '0');
}

function escape(character: string): string {
  const code = character.charCodeAt(0);
  if (character === HALVES) return HALVES + '0';
  return code < 0xd800 ? ESCAPE + String.fromCharCode(code + 0x30) : `${HALVES}1${code.toString(16)}`;
}

function unescape(_: string, low: string | undefined, half: string | undefined): string {
  if (low !== undefined) return String.fromCharCode(low.charCodeAt(0) - 0x30);
  return half === undefined || half === '0' ? HALVES : String.fromCharCode(Number.parseInt(half.slice(1), 16));
}
