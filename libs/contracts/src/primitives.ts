import { z } from 'zod';
import { MAX_ISSUER } from './limits.js';
import { isAssigned, isReadable, isVisible } from './text/readable.js';

export const portalId = z
  .string()
  .regex(/^[a-z0-9-]{1,63}$/, 'must be 1 to 63 characters: a-z, 0-9 and -')
  .meta({ example: 'demo' });

const opaque = /^(?!external:)[A-Za-z0-9_.:-]{1,128}$/;
/** Ids are opaque: made by the product, never parsed by a client. */
export const opaqueId = z
  .string()
  .regex(opaque, 'is not a valid id')
  .meta({ example: '0c9c3a0e-6c2f-4f0a-9e0f-3f1f6f0f5a11' });

/** The name of a stream: a portal, or an account in it. */
export const streamName = z.string().regex(/^[a-z0-9-]{1,63}(\/[A-Za-z0-9_.:-]{1,128})?$/, 'is not a valid stream');

/** Text that UTF-8 can carry, and so an event: no lone surrogates. */
export const wellFormed = /^\P{Cs}*$/u;
export const notWellFormed = 'must not contain lone surrogates';

/** Text of others that becomes part of a key: bounded in bytes of UTF-8, as stores bound their keys (R50). */
export const keyText = (bytes: number) =>
  z
    .string()
    .min(1)
    .max(bytes)
    .regex(wellFormed, notWellFormed)
    .refine((text) => Buffer.byteLength(text) <= bytes, `must have at most ${bytes} bytes of UTF-8`);

const notVisible = 'must not contain control, bidirectional or invisible characters';

/** Text that people read, in one line (R50); as long as it is sent, before blanks around it go. */
const personalText = (characters: number) => z.string().max(characters).trim().min(1).refine(isReadable, notVisible);

/** 1 to 128 characters, as they are sent and after NFKC; compared by `foldUsername`. */
export const username = z
  .string()
  .max(512)
  .refine((text) => length(text) <= 128, 'must have 1 to 128 characters')
  .refine(isAssigned, 'must not contain characters that are not in Unicode 15.1')
  .transform((text) => text.normalize('NFKC').trim())
  .pipe(
    z
      .string()
      .refine(isVisible, notVisible)
      .refine((text) => length(text) >= 1 && length(text) <= 128, 'must have 1 to 128 characters'),
  )
  .meta({ example: 'alice', minLength: 1, maxLength: 128 });

/** 8 to 256 characters, no composition rules (NIST SP 800-63B-4 §3.1.1.2). */
export const newPassword = z
  .string()
  .max(2048)
  .refine((text) => length(text) >= 8 && length(text) <= 256, 'must have 8 to 256 characters')
  // in JSON Schema characters are counted as they are here
  .meta({ example: 'correct horse battery staple', minLength: 8, maxLength: 256 });

/** A password as typed at login: any text; whether it is right is not a question of shape. */
export const typedPassword = z.string().max(2048).meta({ example: 'correct horse battery staple' });

export const displayName = personalText(256);
export const authenticatorName = personalText(64).meta({ example: 'Work phone' });
export const serviceTokenName = personalText(128);
/** A colon, also as wide as Han characters: it ends the issuer in a key URI. */
export const noColon = /^[^:：]*$/;
/** What an authenticator app shows above its codes. */
export const issuerName = personalText(MAX_ISSUER).regex(noColon, 'must not contain a colon').meta({ example: 'Acme' });
/** Whom people ask for help: an address, a number, a URL or a sentence. */
export const supportContact = personalText(200).meta({ example: 'help@acme.example' });
/** Languages of the pages. */
export const language = z.enum(['en', 'de']).meta({ id: 'Language' });
/** What an identity provider calls a person (OpenID Connect Core 1.0 §2). */
export const ssoSubject = keyText(255);
/** What a gateway calls an account (R32): 1 to 255 bytes of UTF-8 without controls, compared as bytes. */
export const externalId = keyText(255)
  .regex(/^\P{Cc}*$/u, 'must not contain control characters')
  .meta({ example: 'u-1042' });
const EXTERNAL = 'external:';
/** The gateway's own id, where an account is named by it; undefined: it is named by its id here. */
export const externalIdOf = (name: string): string | undefined =>
  name.startsWith(EXTERNAL) ? name.slice(EXTERNAL.length) : undefined;
/** Names an account in a request. Guards know it by this schema, and hand on the id (R32). */
export const accountName = z
  .string()
  .max(EXTERNAL.length + 255)
  .refine((text) => {
    const external = externalIdOf(text);
    return external === undefined ? opaque.test(text) : externalId.safeParse(external).success;
  }, 'is not a valid id')
  .meta({
    example: '0c9c3a0e-6c2f-4f0a-9e0f-3f1f6f0f5a11',
    description: 'The id of an account, or `external:` and its `externalId`.',
  });
export const email = z.email().max(320);

/** Checked where the rules say the code's turn comes, so the schema takes any text (R27). */
export const typedCode = z
  .string()
  .meta({ example: '492039', description: 'Six ASCII digits; eight where an authenticator of the account has eight.' });
export const typedBackupCode = z
  .string()
  .meta({ example: 'ABCD-EFGH-IJKL-MNOP', description: '16 Base32 characters, with or without groups, any case.' });

export const timestamp = z.iso.datetime().meta({ example: '2026-11-24T09:30:00.000Z' });
export const accountType = z.enum(['contributor', 'power-reader']);
export type AccountType = z.infer<typeof accountType>;
/** The first that applies: suspended, locked, active. */
export const accountStatus = z.enum(['active', 'locked', 'suspended']);
export type AccountStatus = z.infer<typeof accountStatus>;
export const enrolmentStatus = z.enum(['none', 'pending', 'enabled']);
export type EnrolmentStatus = z.infer<typeof enrolmentStatus>;
export const loginMethod = z.enum([
  'password',
  'password+totp',
  'password+backup-code',
  'password+remembered-browser',
  'login-token',
  'sso',
]);
export type LoginMethod = z.infer<typeof loginMethod>;
/** How a session began: by a login, or by the word of a gateway (R34). */
export const sessionMethod = z.enum([...loginMethod.options, 'hand-over']);
export type SessionMethod = z.infer<typeof sessionMethod>;
/** What a person is handed over for: to pass the second factor, set up where it must be, or to manage their own (R34). */
export const handOverPurpose = z.enum(['pass', 'manage']);
export type HandOverPurpose = z.infer<typeof handOverPurpose>;
export const codeMethod = z.enum(['totp', 'backup-code']);
export type CodeMethod = z.infer<typeof codeMethod>;
export const authenticatorKind = z.enum(['totp']);
export type AuthenticatorKind = z.infer<typeof authenticatorKind>;
/** How the codes of one authenticator app are made (RFC 6238 §4). */
export const totpParameters = z.strictObject({
  algorithm: z.enum(['SHA1', 'SHA256', 'SHA512']),
  digits: z.union([z.literal(6), z.literal(8)]),
  period: z.union([z.literal(30), z.literal(60)]).meta({ description: 'Seconds.' }),
});
export type TotpParameters = z.infer<typeof totpParameters>;
export const notConfigurableReason = z.enum(['contributors-only', 'add-on-required', 'portal-off']);
export type NotConfigurableReason = z.infer<typeof notConfigurableReason>;
/** How far an account is that must set up 2FA: when it must have, or that its time of grace has not begun (R37). */
export const enrolmentDue = z.enum(['overdue', 'in-grace', 'not-started']);
export type EnrolmentDue = z.infer<typeof enrolmentDue>;
export const serviceScope = z
  .enum(['challenges', 'commands', 'events', 'accounts', 'erasure'])
  .meta({ id: 'ServiceScope' });
export type ServiceScope = z.infer<typeof serviceScope>;

/** Members of which an object has one alone. `needed`: it must have one. The OpenAPI document makes a union of it. */
export const alternatives = z.registry<{ readonly members: readonly string[]; readonly needed: boolean }>();

/** A code or a backup code, one of the two. */
export const oneCode = { code: typedCode.optional(), backupCode: typedBackupCode.optional() };
interface Typed {
  code?: string;
  backupCode?: string;
}
export const exactlyOneCode = (body: Typed) => (body.code === undefined) !== (body.backupCode === undefined);
export const exactlyOneCodeMessage = { message: 'send either code or backupCode', path: ['code'] };

const oneKindOfCode = <Body extends z.ZodType<Typed>>(body: Body, needed: boolean): Body => {
  alternatives.add(body, { members: Object.keys(oneCode), needed });
  return body;
};
/** A body with a code of one kind. */
export const withOneCode = <Body extends z.ZodType<Typed>>(body: Body): Body =>
  oneKindOfCode(body.refine(exactlyOneCode, exactlyOneCodeMessage), true);
/** A body with a code of one kind, or without. */
export const withOneCodeAtMost = <Body extends z.ZodType<Typed>>(body: Body): Body =>
  oneKindOfCode(
    body.refine(({ code, backupCode }) => code === undefined || backupCode === undefined, exactlyOneCodeMessage),
    false,
  );

/** The portal requires 2FA, the person has none, and the time of grace is not over (R37). */
export const enrolment = z
  .strictObject({ graceEndsAt: timestamp.meta({ description: 'Until then the person must set up 2FA.' }) })
  .meta({ id: 'Enrolment' });
/** Whether a code is needed, and the challenge that it answers. */
export const challengeAnswer = z
  .discriminatedUnion('required', [
    z.strictObject({ required: z.literal(false), enrolment: enrolment.optional() }),
    z.strictObject({ required: z.literal(true), challenge: z.string(), expiresAt: timestamp }),
  ])
  .meta({ id: 'ChallengeAnswer' });
/** The code was right; the number of backup codes only when few are left (R10). */
export const challengePassed = z
  .strictObject({
    passed: z.literal(true),
    accountId: opaqueId,
    method: codeMethod,
    backupCodesLeft: z.int().nonnegative().optional(),
  })
  .meta({ id: 'ChallengePassed' });

/** In a query a number is decimal digits, nothing else that JavaScript takes for a number. */
const decimal = (value: unknown): unknown =>
  typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value;

/** A member of a query that may be repeated: `type=…&type=…`. */
export const repeated = <Schema extends z.ZodType>(schema: Schema, most: number) =>
  z.preprocess(
    (value: unknown) => (value === undefined || Array.isArray(value) ? value : [value]),
    z.array(schema).min(1).max(most).optional(),
  );

const cursor = /^[A-Za-z0-9_.:-]{1,1024}$/;
/** Query of a page: 1 to 200, 50 unless told. */
export const pageQuery = {
  after: z.string().regex(cursor, 'is not the `next` value of a page').optional(),
  limit: z.preprocess(decimal, z.int().min(1).max(200).default(50)),
};
export const next = z
  .string()
  .nullable()
  .meta({ description: 'Pass it as `after` to get the next page; null on the last page.' });

const length = (text: string) => [...text].length;
