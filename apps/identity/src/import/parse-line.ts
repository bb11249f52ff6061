import { isUtf8 } from 'node:buffer';
import { base32nopad } from '@scure/base';
import {
  accountToImport,
  type AccountToImport,
  IMPORT_LINE_BYTES,
  type ImportRefusal,
} from '#libs/contracts/src/http/import.js';
import { fieldErrors } from '#libs/platform/src/auth/validation.js';
import type { TotpParameters } from '#libs/contracts/src/primitives.js';
import { type ImportedHash, isRefusedHash, parseHash } from '../passwords/imported/parse-hash.js';
import { repeatedName } from './repeated-name.js';

/** Why a line is refused, and what of it; never a piece of it. */
export interface RefusedLine {
  readonly outcome: 'refused';
  readonly code: ImportRefusal;
  readonly field?: string;
  readonly message?: string;
}

/** A line that is well formed. */
export interface ParsedLine {
  readonly account: Omit<AccountToImport, 'passwordHash' | 'totp'>;
  readonly password: ImportedHash | undefined;
  /** None: the account comes without a second factor. */
  readonly totp: readonly ImportedTotp[];
}

export interface ImportedTotp {
  readonly secret: Buffer;
  readonly totp: TotpParameters;
  readonly name?: string | undefined;
}

export function parseLine(bytes: Buffer | null): ParsedLine | RefusedLine {
  if (bytes === null) return refused('line-too-long', { message: `A line has ${IMPORT_LINE_BYTES} bytes at most.` });
  if (!isUtf8(bytes)) return refused('malformed-request', { message: 'The line is not UTF-8.' });
  const text = bytes.toString('utf8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refused('malformed-request', { message: 'The line is not JSON.' });
  }
  if (repeatedName(text)) return refused('malformed-request', { message: 'An object in the line has a member twice.' });
  const checked = accountToImport.safeParse(value);
  if (!checked.success) {
    const [error] = checked.error.issues.flatMap(fieldErrors);
    return refused('malformed-request', { ...(error?.field && { field: error.field }), message: error?.message });
  }
  const { passwordHash, totp = [], ...account } = checked.data;
  const password = passwordHash === undefined ? undefined : parseHash(passwordHash);
  if (password && isRefusedHash(password)) return { outcome: 'refused', field: 'passwordHash', ...password };
  const decoded: ImportedTotp[] = [];
  for (const [at, { secret: base32, name, ...parameters }] of totp.entries()) {
    const secret = secretOf(base32);
    // each would take the code that the other has taken (R18)
    const twice = decoded.some((other) => other.secret.equals(secret));
    const field = `totp.${at}.secret`;
    if (twice) return refused('malformed-request', { field, message: 'is that of another authenticator of the line' });
    decoded.push({ secret, totp: parameters, name });
  }
  return { account, password, totp: decoded };
}

export const isRefusedLine = (line: ParsedLine | RefusedLine): line is RefusedLine => 'outcome' in line;

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** Apps pass over the bits after the last whole byte, which not every product leaves at zero (RFC 4648 §3.5). */
function secretOf(base32: string): Buffer {
  const over = (base32.length * 5) % 8;
  const last = alphabet.indexOf(base32.at(-1)!) & ~((1 << over) - 1);
  return Buffer.from(base32nopad.decode(base32.slice(0, -1) + alphabet[last]!));
}

const refused = (
  code: ImportRefusal,
  { field, message }: { field?: string; message?: string | undefined },
): RefusedLine => ({
  outcome: 'refused',
  code,
  ...(field !== undefined && { field }),
  ...(message !== undefined && { message }),
});
