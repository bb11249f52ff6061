/**
 * Keys as bytes that sort as their tuples do, part by part: the coding of FoundationDB's tuple layer, cut down to
 * strings (by code point) and non-negative integers. No tuple's bytes are those of another, whatever its strings hold.
 */
import { InvalidKey, MAX_KEY_BYTES } from '../../invalid-key.js';
import type { Key } from '../../port.js';

const STRING = 0x02;
const NUMBER = 0x15;
const END = 0x00;
const ESCAPED_ZERO = 0xff;
const NUMBER_BYTES = 7;

/** What the driver asks of a key: a tuple, or bytes that are a bound of a range. */
export const keyCoding = {
  writeKey(key: Key | Uint8Array, target: Uint8Array, start: number): number {
    if (key instanceof Uint8Array) {
      target.set(key, start);
      return start + key.length;
    }
    let position = start;
    for (const part of key) {
      position = typeof part === 'string' ? writeString(part, target, position) : writeNumber(part, target, position);
      if (position - start > MAX_KEY_BYTES) throw new InvalidKey(`a key of more than ${MAX_KEY_BYTES} bytes`);
    }
    return position;
  },
  readKey(source: Uint8Array, start: number, end: number): Key {
    const key: (string | number)[] = [];
    let position = start;
    while (position < end) {
      if (source[position] === NUMBER) {
        key.push(readNumber(source, position + 1));
        position += 1 + NUMBER_BYTES;
      } else {
        const stop = endOfString(source, position + 1, end);
        key.push(readString(source, position + 1, stop));
        position = stop + 1;
      }
    }
    return key;
  },
};

/** Positions in the log: six bytes, so that the end of the log is found by comparing bytes. */
export const positionCoding = {
  writeKey(key: number | Uint8Array, target: Uint8Array, start: number): number {
    if (key instanceof Uint8Array) {
      target.set(key, start);
      return start + key.length;
    }
    writeInteger(key, 6, target, start);
    return start + 6;
  },
  readKey(source: Uint8Array, start: number): number {
    return readInteger(source, start, 6);
  },
};

/** Below every key. */
export const LOWEST = Uint8Array.of(0);

const scratch = new Uint8Array(4 * MAX_KEY_BYTES + 16);

/** The bytes of a key: the lowest bound of the keys that begin with it. */
export function keyBytes(key: Key): Uint8Array {
  return scratch.slice(0, keyCoding.writeKey(key, scratch, 0));
}

/** A bound above every key that begins with these bytes, and below every greater one. */
export const above = (bytes: Uint8Array): Uint8Array => Uint8Array.of(...bytes, 0xff);

/** A bound between these bytes and every greater key. */
export const following = (bytes: Uint8Array): Uint8Array => Uint8Array.of(...bytes, 0);

function writeNumber(value: number, target: Uint8Array, position: number): number {
  if (!Number.isSafeInteger(value) || value < 0) throw new InvalidKey(`${value} in a key: only integers from 0`);
  target[position] = NUMBER;
  writeInteger(value, NUMBER_BYTES, target, position + 1);
  return position + 1 + NUMBER_BYTES;
}

function readNumber(source: Uint8Array, position: number): number {
  return readInteger(source, position, NUMBER_BYTES);
}

function writeInteger(value: number, bytes: number, target: Uint8Array, position: number): void {
  let rest = value;
  for (let at = position + bytes - 1; at >= position; at--) {
    target[at] = rest % 256;
    rest = Math.floor(rest / 256);
  }
}

function readInteger(source: Uint8Array, position: number, bytes: number): number {
  let value = 0;
  for (let at = position; at < position + bytes; at++) value = value * 256 + (source[at] ?? 0);
  return value;
}

/** UTF-8, except that half a surrogate pair is kept as it is: two keys that differ must not become one. */
function writeString(text: string, target: Uint8Array, start: number): number {
  if (text.length > MAX_KEY_BYTES) throw new InvalidKey(`a key of more than ${MAX_KEY_BYTES} bytes`);
  let position = start;
  target[position++] = STRING;
  for (let i = 0; i < text.length; i++) {
    const code = text.codePointAt(i) ?? 0;
    if (code === 0) {
      target[position++] = 0;
      target[position++] = ESCAPED_ZERO;
    } else if (code < 0x80) {
      target[position++] = code;
    } else if (code < 0x800) {
      target[position++] = 0xc0 | (code >> 6);
      target[position++] = 0x80 | (code & 0x3f);
    } else if (code < 0x10000) {
      target[position++] = 0xe0 | (code >> 12);
      target[position++] = 0x80 | ((code >> 6) & 0x3f);
      target[position++] = 0x80 | (code & 0x3f);
    } else {
      i++;
      target[position++] = 0xf0 | (code >> 18);
      target[position++] = 0x80 | ((code >> 12) & 0x3f);
      target[position++] = 0x80 | ((code >> 6) & 0x3f);
      target[position++] = 0x80 | (code & 0x3f);
    }
  }
  target[position++] = END;
  return position;
}

/** Where the string that begins at `position` has its END. Bytes from `end` on are left over from an earlier read. */
function endOfString(source: Uint8Array, position: number, end: number): number {
  let at = position;
  while (at < end) {
    if (source[at] !== END) at += 1;
    else if (at + 1 < end && source[at + 1] === ESCAPED_ZERO) at += 2;
    else break;
  }
  return at;
}

/** Put together at once: a string that grew character by character holds on to a node of 32 bytes for each. */
function readString(source: Uint8Array, position: number, end: number): string {
  const points: number[] = [];
  for (let at = position; at < end;) {
    const first = source[at++] ?? 0;
    const next = (): number => (source[at++] ?? 0) & 0x3f;
    if (first === 0) at++;
    if (first < 0x80) points.push(first);
    else if (first < 0xe0) points.push(((first & 0x1f) << 6) | next());
    else if (first < 0xf0) points.push(((first & 0x0f) << 12) | (next() << 6) | next());
    else points.push(((first & 0x07) << 18) | (next() << 12) | (next() << 6) | next());
  }
  return String.fromCodePoint(...points);
}
