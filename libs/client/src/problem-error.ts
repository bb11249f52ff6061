import type { ProblemDocument } from '#libs/contracts/src/problems.js';

/** The product refuses. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly code: ProblemDocument['code'];
  readonly status: number;
  constructor(readonly problem: ProblemDocument) {
    super(`${problem.code}: ${problem.detail}`);
    this.code = problem.code;
    this.status = problem.status;
  }
}
