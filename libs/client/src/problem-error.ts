import type { ProblemCode, ProblemDocument } from '#libs/contracts/src/problems.js';

interface Answered {
  /** The operation, as in `verifyChallenge`. */
  readonly call?: string;
  readonly requestId?: string;
  readonly retryAfterMs?: number;
}

/** The product refuses (RFC 9457). `code` is stable; one of a later release may be none of the type's. */
export class ProblemError<Code extends ProblemCode = ProblemCode> extends Error {
  override readonly name = 'ProblemError';
  readonly code: Code;
  readonly status: number;
  readonly detail: string;
  /** What is wrong with the request, by field. */
  readonly errors: readonly { readonly field: string; readonly message: string }[];
  /** Wrong codes until the account is locked. */
  readonly attemptsLeft: number | undefined;
  /** What a re-authentication must have. */
  readonly needs: readonly ('password' | 'code' | 'hand-over')[] | undefined;
  readonly clockOffSeconds: number | undefined;
  readonly call: string | undefined;
  /** The events of the request have the same. */
  readonly requestId: string | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(
    /** All of it, with members of later releases. */
    readonly problem: ProblemDocument,
    answered: Answered = {},
  ) {
    super(`${problem.code}: ${problem.detail}`);
    this.code = problem.code as Code;
    this.status = problem.status;
    this.detail = problem.detail;
    this.errors = problem.errors ?? [];
    this.attemptsLeft = problem.attemptsLeft;
    this.needs = problem.needs;
    this.clockOffSeconds = problem.clockOffSeconds;
    this.call = answered.call;
    this.requestId = answered.requestId ?? problem.requestId;
    const { retryAfter } = problem;
    this.retryAfterMs = answered.retryAfterMs ?? (retryAfter === undefined ? undefined : retryAfter * 1_000);
  }
}
