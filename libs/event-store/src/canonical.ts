import { hash } from 'node:crypto';
import canonicalize from 'canonicalize';

/** The package's types describe an ES module; Node loads CommonJS, whose default import is the function itself. */
const serialize = canonicalize as unknown as (value: unknown) => string | undefined;

/** `JSON.stringify` writes a lone surrogate as `\udXXX`, which is no text that UTF-8 can carry. */
const loneSurrogate = /(?<!\\)(?:\\\\)*\\ud[89a-f]/;

/** RFC 8785 text. @throws TypeError what JSON cannot carry (RFC 8785 §3.2.2: NaN, Infinity, lone surrogates, nothing at all) */
export function canonical(value: unknown): string {
  // of a string alone, RFC 8785 is what JSON.stringify makes of it (§3.2.2.2)
  const text = typeof value === 'string' ? JSON.stringify(value) : serialize(value);
  if (text === undefined) throw new TypeError('there is no JSON text for this value');
  if (text.includes('\\ud') && loneSurrogate.test(text)) throw new TypeError('text with a lone surrogate');
  return text;
}

/** SHA-256 of the UTF-8 bytes, hex. */
export const sha256 = (text: string): string => hash('sha256', text, 'hex');
