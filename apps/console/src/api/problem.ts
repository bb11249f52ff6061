import type { components } from './schema.js';
import { type ProblemCode, problemCodes } from './facts.js';

/** The server's problem document (RFC 9457) with the members that some problems carry. */
export type Problem = Pick<
  components['schemas']['Problem'],
  'code' | 'detail' | 'status' | 'attemptsLeft' | 'clockOffSeconds' | 'needs' | 'errors' | 'retryAfter' | 'lockEndsAt'
>;

export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  constructor(readonly problem: Problem) {
    super(problem.code);
  }
}

/** The request got no answer: the server is away, or the network. */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost';
}

/** What `body` says, or, where something between page and server answered in its place, what the status says. */
export function problemOf(status: number, body: unknown): Problem {
  if (isProblem(body)) return body;
  return { code: status >= 502 ? 'unavailable' : 'internal-error', detail: '', status };
}

/** The person would not prove who they are: nothing was done, and nothing is to be said. */
export class NotProved extends Error {
  override readonly name = 'NotProved';
}

/** When the lock that it tells of ends by itself; undefined: an administrator ends it. */
export const lockEndOf = (error: unknown): string | undefined =>
  error instanceof ProblemError ? error.problem.lockEndsAt : undefined;

export const codeOf = (error: unknown): ProblemCode | undefined =>
  error instanceof ProblemError ? error.problem.code : undefined;

const isProblem = (body: unknown): body is Problem =>
  typeof body === 'object' &&
  body !== null &&
  'code' in body &&
  (problemCodes as readonly unknown[]).includes(body.code) &&
  'detail' in body &&
  typeof body.detail === 'string';
