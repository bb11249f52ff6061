import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromBase32 } from './people/authenticator.js';

/** A text that must be nowhere, and what it is, for the message. */
export interface Planted {
  readonly what: string;
  readonly bytes: Buffer;
}

const planted = (what: string, bytes: Buffer | string): Planted => ({ what, bytes: Buffer.from(bytes as string) });

/** A text as typed or shown. */
export const plainText = (what: string, text: string): Planted[] => [planted(what, text)];

/** A text, and its SHA-256 in the forms that a hash is written in. */
export function textAndHashes(what: string, text: string): Planted[] {
  const digest = createHash('sha256').update(text).digest();
  return [
    planted(what, text),
    planted(`${what} (SHA-256, hex)`, digest.toString('hex')),
    planted(`${what} (SHA-256, base64)`, digest.toString('base64').slice(0, 42)),
    planted(`${what} (SHA-256, base64url)`, digest.toString('base64url').slice(0, 42)),
    planted(`${what} (SHA-256, bytes)`, digest),
  ];
}

/** A secret in every form that it could be written down in. */
export function secretForms(what: string, base32: string): Planted[] {
  const bytes = fromBase32(base32);
  return [
    planted(`${what} (bytes)`, bytes),
    planted(`${what} (Base32)`, base32),
    planted(`${what} (Base32, lower case)`, base32.toLowerCase()),
    planted(`${what} (Base32 in groups)`, (base32.match(/.{4}/g) ?? []).join(' ')),
    planted(`${what} (hex)`, bytes.toString('hex')),
    planted(`${what} (base64)`, bytes.toString('base64').slice(0, 26)),
    planted(`${what} (base64url)`, bytes.toString('base64url').slice(0, 26)),
    planted(`${what} (array of numbers)`, [...bytes].join(',')),
    planted(`${what} (SHA-256)`, createHash('sha256').update(bytes).digest('hex')),
  ];
}

/** A backup code as shown, without groups, in either case, and hashed. */
export function backupCodeForms(what: string, shown: string): Planted[] {
  const bare = shown.replaceAll(/[^A-Za-z0-9]/g, '');
  return [
    planted(`${what} (as shown)`, shown),
    ...textAndHashes(`${what} (bare)`, bare),
    ...textAndHashes(`${what} (lower case)`, bare.toLowerCase()),
  ];
}

/** The names of those that are in the text. */
export const found = (secrets: readonly Planted[], where: Buffer | string): string[] => {
  const bytes = typeof where === 'string' ? Buffer.from(where) : where;
  return secrets.filter((secret) => bytes.includes(secret.bytes)).map((secret) => secret.what);
};

/** Those that are in some file of the folder, and in which. */
export const foundInFiles = (secrets: readonly Planted[], folder: string): string[] =>
  filesIn(folder).flatMap((file) => found(secrets, readFileSync(file)).map((what) => `${what} in ${file}`));

export const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

/** A six-digit code standing for itself: digits within a longer number are something else. */
export const holdsCode = (text: string, code: string): boolean =>
  new RegExp(`(?<![\\w.+/=-])${code}(?![\\w+/=-])`).test(text);
