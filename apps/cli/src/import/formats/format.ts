import type { z } from 'zod';
import type { accountToImport } from '#libs/contracts/src/http/import.js';
import { authenticatorName } from '#libs/contracts/src/primitives.js';

/** What an export is converted into: a line of `POST /v1/portals/{portal}/import`. */
export type AccountLine = z.input<typeof accountToImport>;
export type TotpLine = NonNullable<AccountLine['totp']>[number];

/** Why an account of an export cannot be sent, in words. None says what stands in the file. */
export const conversionRefusals = {
  malformed: 'is not what this format has there',
  missing: 'is missing',
  'no-owner': 'the file does not say whose it is; say it with --owners',
  'account-disabled': 'the account is disabled there',
  'service-account': 'it is the account of a service, not of a person',
  'hotp-unsupported': 'codes that count (HOTP) are not supported, only those that go by time (TOTP)',
  'algorithm-unsupported': 'the algorithm is not supported',
  'credential-unsupported': 'it cannot be moved, and the account would have no second factor',
  'hash-unsupported': 'the hash of the password is of an unsupported kind',
  'mac-missing': 'it is encrypted, but nothing proves that it was not altered',
  'mac-wrong': 'it was altered, or the password is another',
  'link-missing': 'the export has more links than were given',
} as const;
export type ConversionRefusal = keyof typeof conversionRefusals;

export interface Refusal {
  readonly field?: string;
  readonly code: ConversionRefusal;
}

/** An account of an export, in the order of the file. */
export type Converted = {
  /** For people: `line 3`, `user 12`, `key TOTP0001`. */
  readonly where: string;
  readonly username?: string;
} & (
  | {
      /** One line of NDJSON. */
      readonly line: string;
      /** What the account has there and does not bring. */
      readonly leftOut?: readonly string[];
    }
  | Refusal
);

/** What is given beside a file. */
export interface Given {
  /** Asks for the password or key of an encrypted file. */
  readonly password: () => Promise<string>;
  /** Of the realm to take, where a file has several. */
  readonly realm?: string;
  /** Usernames by serial number. */
  readonly owners?: ReadonlyMap<string, string>;
}

export interface Format {
  readonly title: string;
  /** @param head the first characters of a file, without blanks before them */
  readonly looksLike: (head: string) => boolean;
  /** @throws UnreadableExport nothing of it can be taken */
  readonly convert: (lines: AsyncIterable<string>, given: Given) => AsyncIterable<Converted>;
}

/** Names what is wrong with a file as a whole, and nothing that stands in it. */
export class UnreadableExport extends Error {
  override readonly name = 'UnreadableExport';
}

/** Those that are not empty, and where each stands. */
export async function* numbered(lines: AsyncIterable<string>): AsyncGenerator<{ where: string; line: string }, void> {
  let number = 0;
  for await (const line of lines) {
    number += 1;
    if (line.trim() !== '') yield { where: `line ${number}`, line };
  }
}

export async function whole(lines: AsyncIterable<string>): Promise<string> {
  const all: string[] = [];
  for await (const line of lines) all.push(line);
  try {
    return all.join('\n');
  } catch {
    throw new UnreadableExport('is too large: export it in parts');
  }
}

/** What people read may be what it likes there: a name that is none here is left out. */
export function nameOf(text: string | undefined): string | undefined {
  const { data } = authenticatorName.safeParse(text?.slice(0, 64));
  return data;
}

const algorithms = ['SHA1', 'SHA256', 'SHA512'] as const;
/** `HmacSHA256`, `HMAC-SHA-256`, `sha256`; undefined for one that is not supported. */
export function algorithmOf(text: string): TotpLine['algorithm'] {
  const letters = text.toUpperCase().replace(/[^A-Z0-9]/g, '');
  return algorithms.find((name) => letters.replace(/^HMAC/, '') === name);
}

/** Refusals by the border would do for a number that is none; but they could not say where it stands. */
export const numberOf = (text: string): number | undefined =>
  /^\d{1,9}$/.test(text.trim()) ? Number(text) : undefined;
