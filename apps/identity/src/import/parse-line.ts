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
  const twice = repeatedName(text);
  if (twice) return refused('malformed-request', { message: 'An object in the line has a member twice.' });
  const checked = accountToImport.safeParse(value);
  if (!checked.success) {
    const [error] = checked.error.issues.flatMap(fieldErrors);
    return refused('malformed-request', { ...(error?.field && { field: error.field }), message: error?.message });
  }
  const { passwordHash, totp = [], ...account } = checked.data;
  const password = passwordHash === undefined ? undefined : parseHash(passwordHash);
  if (password && isRefusedHash(password)) return { outcome: 'refused', field: 'passwordHash', ...password };
  const decoded: ImportedTotp[] = [];
  for (const [at, { secret, name, ...parameters }] of totp.entries()) {
    const bytesOfSecret = secretOf(secret);
    if (!bytesOfSecret) return refused('malformed-request', { field: `totp.${at}.secret`, message: 'is not Base32' });
    decoded.push({ secret: bytesOfSecret, totp: parameters, name });
  }
  return { account, password, totp: decoded };
}

export const isRefusedLine = (line: ParsedLine | RefusedLine): line is RefusedLine => 'outcome' in line;

/** Undefined: bits are set that are no whole byte. */
function secretOf(base32: string): Buffer | undefined {
  try {
    return Buffer.from(base32nopad.decode(base32));
  } catch {
    return undefined;
  }
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
