import { z } from 'zod';
import { MOST_TOTP_AUTHENTICATORS } from '../limits.js';
import {
  accountType,
  authenticatorName,
  displayName,
  email,
  externalId,
  opaqueId,
  totpParameters,
  username,
} from '../primitives.js';

/** Of one line, without its end. */
export const IMPORT_LINE_BYTES = 65_536;

/** Bytes of a secret. RFC 4226 §4 (R6) asks for 16 at least; apps of others are known to have 10. */
export const importedSecretBytes = { least: 10, most: 128 } as const;

/** Characters at the end of a text in Base32 that are no whole byte (RFC 4648 §6). */
const notWholeBytes: readonly number[] = [1, 3, 6];
const bytesOf = (base32: string): number => Math.floor((base32.length * 5) / 8);

/** Answers with the same in upper case, without padding and blanks. */
const base32Secret = z
  .string()
  .max(1_024)
  .transform((text) => text.replace(/\s+/g, '').replace(/=+$/, '').toUpperCase())
  .refine((text) => /^[A-Z2-7]+$/.test(text) && !notWholeBytes.includes(text.length % 8), 'is not Base32')
  .refine((text) => {
    const bytes = bytesOf(text);
    return bytes >= importedSecretBytes.least && bytes <= importedSecretBytes.most;
  }, `must have ${importedSecretBytes.least} to ${importedSecretBytes.most} bytes`)
  .meta({ description: 'In Base32 (RFC 4648), in either case, with or without padding and blanks.' });

const { algorithm, digits, period } = totpParameters.shape;
const totpToImport = z
  .strictObject({
    secret: base32Secret,
    algorithm: algorithm.default('SHA1'),
    digits: digits.default(6),
    period: period.default(30),
    name: authenticatorName.optional(),
  })
  .meta({ id: 'TotpToImport' });

/** One line of an import: an account, with the second factor and the password that its person has. */
export const accountToImport = z
  .strictObject({
    username,
    externalId: externalId.optional(),
    type: accountType.default('contributor'),
    displayName: displayName.optional(),
    email: email.optional(),
    passwordHash: z.string().min(1).max(1_024).optional().meta({
      description:
        'PHC string of argon2id, scrypt, pbkdf2-sha1, pbkdf2-sha256 or pbkdf2-sha512, or bcrypt (`$2a$`, `$2b$`, `$2y$`).',
    }),
    totp: z.array(totpToImport).min(1).max(MOST_TOTP_AUTHENTICATORS).optional(),
  })
  .refine(({ type, totp }) => !(type === 'power-reader' && totp), {
    message: 'only Contributors have a second factor',
    path: ['totp'],
  })
  .meta({ id: 'AccountToImport' });
export type AccountToImport = z.output<typeof accountToImport>;

/** Why a line is refused. `unavailable`: to be sent again; all others need another line. */
export const importRefusal = z.enum([
  'malformed-request',
  'line-too-long',
  'username-taken',
  'external-id-taken',
  'hash-unsupported',
  'hash-too-costly',
  'hash-too-weak',
  'hash-kinds-limit',
  'unavailable',
]);
export type ImportRefusal = z.infer<typeof importRefusal>;

/** What became of a line. `exists`: the portal has an account of that `externalId` or username, which was not changed. */
export const importResult = z
  .strictObject({
    line: z.int().positive().meta({ description: 'Counted from 1, empty lines too.' }),
    outcome: z.enum(['created', 'exists', 'refused']),
    id: opaqueId.optional().meta({ description: 'Of the account; missing in a dry run for one that is not made yet.' }),
    field: z
      .string()
      .optional()
      .meta({ description: 'What is refused, as in `totp.0.secret`; missing: the whole line.' }),
    code: importRefusal.optional(),
    message: z.string().optional().meta({ description: 'Why it is refused, in words; never what was sent.' }),
  })
  .meta({ id: 'ImportResult' });
export type ImportResult = z.infer<typeof importResult>;
