import { z } from 'zod';
import type { RefusedFor } from './messages/commands.js';

/** Every stable `code` of an error body (RFC 9457), with its HTTP status, its title, and what is told where nobody knows more. */
export const problems = {
  'malformed-request': { status: 400, title: 'The request is malformed' },
  'malformed-code': {
    status: 400,
    title: 'The code is malformed',
    detail:
      'A code has six digits, or eight if the authenticator shows eight; a backup code has 16 letters and digits.',
  },
  unauthenticated: { status: 401, title: 'A valid token is required' },
  'session-ended': { status: 401, title: 'The session has ended' },
  'invalid-credentials': { status: 401, title: 'The credentials are incorrect' },
  'wrong-code': {
    status: 401,
    title: 'The code is incorrect',
    detail: 'The code is incorrect or has already been used.',
  },
  'challenge-ended': {
    status: 401,
    title: 'The challenge has ended',
    detail: 'The challenge has ended. Log in again.',
  },
  forbidden: { status: 403, title: 'Not allowed' },
  're-authentication-required': {
    status: 403,
    title: 'Re-authentication is required',
    detail: 'Confirm your identity to make this change.',
  },
  'contributors-only': { status: 403, title: 'Only Contributors can use two-factor authentication' },
  'enrolment-required': {
    status: 403,
    title: 'Two-factor authentication must be set up first',
    detail: 'The portal requires two-factor authentication, and the time to set it up is over.',
  },
  'portal-off': { status: 403, title: 'Two-factor authentication is off for the portal' },
  'not-found': { status: 404, title: 'Not found' },
  'method-not-allowed': { status: 405, title: 'The method is not allowed' },
  'portal-exists': { status: 409, title: 'The portal already exists' },
  'username-taken': {
    status: 409,
    title: 'The username is already taken',
    detail: 'Another account in the portal has this username.',
  },
  'external-id-taken': {
    status: 409,
    title: 'The external id is already taken',
    detail: 'Another account in the portal has this external id.',
  },
  'last-administrator': {
    status: 409,
    title: 'A portal must keep an administrator',
    detail: 'Appoint another administrator first.',
  },
  'no-mail': {
    status: 409,
    title: 'The link cannot be mailed',
    detail: 'The link cannot be mailed. The operator of this installation can make one.',
  },
  'not-locked': { status: 409, title: 'The account is not locked' },
  'two-factor-not-enabled': {
    status: 409,
    title: 'Two-factor authentication is not enabled',
    detail: 'Two-factor authentication is not enabled for the account.',
  },
  'already-enabled': {
    status: 409,
    title: 'Two-factor authentication is already enabled',
    detail: 'Two-factor authentication is already enabled. Reset it to get a new key.',
  },
  'no-pending-setup': {
    status: 409,
    title: 'There is no pending setup',
    detail: 'There is no pending setup, or it is a different one. Start the setup first.',
  },
  'authenticator-limit': {
    status: 409,
    title: 'The account has as many authenticators as it may have',
    detail: 'The account has as many authenticators as it may have. Remove one first.',
  },
  'command-id-reused': { status: 409, title: 'The id has already been used for another command' },
  'rotation-under-way': {
    status: 409,
    title: 'A rotation is already under way',
    detail: 'There is a new key that does not sign yet.',
  },
  'sso-subject-taken': {
    status: 409,
    title: 'The SSO subject belongs to another account',
    detail: 'Another account in the portal has this subject.',
  },
  'account-deleted': {
    status: 410,
    title: 'The account has been deleted',
  },
  'body-too-large': { status: 413, title: 'The body is too large' },
  'unsupported-media-type': { status: 415, title: 'The body is not JSON' },
  'account-suspended': {
    status: 423,
    title: 'The account is suspended',
    detail: 'The account is suspended. An administrator can resume it.',
  },
  'account-locked': {
    status: 423,
    title: 'The account is locked',
    detail: 'The account is locked after too many failed attempts. An administrator can unlock it with Enable user.',
  },
  'too-many-attempts': { status: 429, title: 'Too many attempts' },
  'internal-error': { status: 500, title: 'Something went wrong' },
  unavailable: { status: 503, title: 'Temporarily unavailable' },
  'not-yet-effective': { status: 503, title: 'Recorded but not yet in effect' },
  /** 409 when a setting asks for the add-on, 403 when the person's own call does (the one code with two statuses). */
  'add-on-required': {
    status: 403,
    title: 'The Enterprise Security add-on is required',
    detail: 'The portal does not have the Enterprise Security add-on.',
  },
} as const satisfies Record<string, { status: number; title: string; detail?: string }>;

export type ProblemCode = keyof typeof problems;

function standardDetail(code: ProblemCode): string {
  const { title, detail = `${title}.` }: { title: string; detail?: string } = problems[code];
  return detail;
}

/** Members that some problems carry beside the standard ones. */
const extras = z.object({
  attemptsLeft: z.int().nonnegative().optional().meta({ description: 'Wrong codes until the account is locked.' }),
  clockOffSeconds: z
    .int()
    .optional()
    .meta({ description: 'Of the app whose code would be right at another time; ahead of here when positive.' }),
  needs: z
    .array(z.enum(['password', 'code', 'hand-over']))
    .optional()
    .meta({ description: 'What a re-authentication must have; `hand-over`: by the gateway, once more.' }),
  errors: z
    .array(z.strictObject({ field: z.string(), message: z.string() }))
    .optional()
    .meta({ description: 'What is wrong with the request, by field; empty for the body as a whole.' }),
  lockEndsAt: z.string().optional().meta({
    description: 'When the lock ends by itself, ISO 8601; missing: an administrator ends it.',
  }),
  allow: z.array(z.string()).readonly().optional().meta({ description: 'Methods; also the `Allow` header.' }),
  retryAfter: z.int().nonnegative().optional().meta({ description: 'Seconds; also the `Retry-After` header.' }),
});

export const problemDocument = z
  .looseObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.enum(Object.keys(problems) as [ProblemCode, ...ProblemCode[]]),
    detail: z.string(),
    requestId: z.string().optional().meta({ description: 'Of the request, as in `X-Request-Id`.' }),
    ...extras.shape,
  })
  .meta({ id: 'Problem', description: 'RFC 9457 problem document; `code` is stable.' });
export type ProblemDocument = z.infer<typeof problemDocument>;

export interface ProblemExtras extends z.infer<typeof extras> {
  status?: number;
  /** Why a command on the bus is not carried out. */
  reason?: RefusedFor;
}

/** The one error that crosses borders: thrown by handlers, written as a problem document over HTTP and on the bus. */
export class Problem extends Error {
  override readonly name = 'Problem';

  constructor(
    readonly code: ProblemCode,
    readonly detail: string = standardDetail(code),
    readonly extras: ProblemExtras = {},
  ) {
    super(`${code}: ${detail}`);
  }

  get status(): number {
    return this.extras.status ?? problems[this.code].status;
  }

  toDocument(): ProblemDocument {
    const { title } = problems[this.code];
    return {
      type: `urn:twinlock:problem:${this.code}`,
      title,
      status: this.status,
      code: this.code,
      detail: this.detail,
      ...this.extras,
    };
  }

  /** For what is an answer rather than a fault: without a stack, which costs more than all the rest of a refusal. */
  static answer(code: ProblemCode, detail?: string, extras?: ProblemExtras): Problem {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    try {
      return new Problem(code, detail, extras);
    } finally {
      Error.stackTraceLimit = limit;
    }
  }

  static fromDocument(document: ProblemDocument): Problem {
    const { type: _type, title: _title, code, detail, ...extras } = document;
    // of another release
    if (!Object.hasOwn(problems, code)) return new Problem('internal-error');
    return Problem.answer(code, detail, extras);
  }
}

/** What a decision answers when it refuses; `refused` is the stable code that clients see. */
export type Refusal<Code extends ProblemCode = ProblemCode> = Readonly<ProblemExtras> & {
  readonly refused: Code;
  readonly detail?: string;
};

export const isRefusal = <Answer extends object>(answer: Answer | Refusal): answer is Refusal => 'refused' in answer;

/** What is answered of a locked account; `lockEndsAt` in milliseconds, null: an administrator ends the lock (R25, R38). */
export const lockedUntil = (lockEndsAt: number | null, now: number): Refusal<'account-locked'> =>
  lockEndsAt === null
    ? { refused: 'account-locked' }
    : {
        refused: 'account-locked',
        lockEndsAt: new Date(lockEndsAt).toISOString(),
        retryAfter: Math.max(1, Math.ceil((lockEndsAt - now) / 1_000)),
      };

/** The answer. @throws Problem what the decision refused */
export function accepted<Answer extends object>(answer: Answer | Refusal): Exclude<Answer, Refusal> {
  if (!isRefusal(answer)) return answer as Exclude<Answer, Refusal>;
  const { refused, detail, ...extras } = answer;
  throw Problem.answer(refused, detail, extras);
}
