import { isUtf8 } from 'node:buffer';

/** How files of other formats begin; the first that fits is told. */
const beginnings: readonly [begins: RegExp, what: string][] = [
  [/^\[/, 'a JSON array'],
  [/^<\?xml|^<[a-z]*:?KeyContainer/i, 'XML, such as PSKC'],
  [/^<!doctype|^<html/i, 'HTML'],
  [/^</, 'XML'],
  [/^otpauth-migration:/i, 'an export of Google Authenticator (otpauth-migration)'],
  [/^otpauth:/i, 'otpauth lines'],
  [/^-----BEGIN/, 'PEM'],
  [/^(---|[\w ]+:($|\s))/, 'YAML'],
  [/^"?[\w .@-]+"?[,;\t]/, 'CSV'],
];
const bytes: readonly [begins: readonly number[], what: string][] = [
  [[0x1f, 0x8b], 'gzip'],
  [[0x50, 0x4b, 0x03, 0x04], 'a ZIP file'],
  [[0xff, 0xfe], 'UTF-16 text'],
  [[0xfe, 0xff], 'UTF-16 text'],
];

/** Of a file whose first line is no account: what it looks like. Undefined: it may be NDJSON with a bad line. */
export function looksLike(first: Buffer): string | undefined {
  const binary = bytes.find(([begins]) => begins.every((byte, at) => first[at] === byte));
  if (binary) return binary[1];
  if (!isUtf8(first)) return 'something that is not text in UTF-8';
  const text = first.toString('utf8').trim();
  const known = beginnings.find(([begins]) => begins.test(text));
  if (known) return known[1];
  if (!text.startsWith('{')) return 'text of another kind';
  return ofObject(text);
}

/** An object that ends on a later line, or that has what no account has. */
function ofObject(text: string): string | undefined {
  try {
    const members = JSON.parse(text) as object;
    return 'realm' in members || 'users' in members ? 'an export of a Keycloak realm' : undefined;
  } catch {
    return text.endsWith('}') ? undefined : 'one JSON document of several lines';
  }
}
