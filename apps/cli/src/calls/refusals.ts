import { ProblemError } from '#libs/client/src/problem-error.js';
import { TransportError } from '#libs/client/src/transport-error.js';
import { CommandError, type Exit } from '../command/exit.js';

/** What to do, where the problem itself does not say it. */
const hints: Readonly<Record<string, string>> = {
  unauthenticated: 'The token is not valid: twinlock login, or look at the token that was given.',
  'session-ended': 'The session has ended: twinlock login.',
  'not-yet-effective': 'It is recorded, and takes effect by itself.',
};

/** What the product refuses, or that it does not answer, as a command ends with it; undefined: neither. */
export function asCommandError(error: unknown): CommandError | undefined {
  if (error instanceof ProblemError) return refusal(error as ProblemError);
  if (!(error instanceof TransportError)) return undefined;
  const { reason, answered } = error;
  if (reason === 'not-twinlock')
    return new CommandError(exitOf(answered.status ?? 0), `${error.message}. Look at --url, and at what stands there.`);
  return new CommandError('unavailable', `${error.message}. Look at --url, or try again when it runs.`);
}

function refusal({ code, status, detail, errors, retryAfterMs, problem, requestId }: ProblemError): CommandError {
  const fields = errors.map(({ field, message }) => `${field} ${message}`).join('; ');
  const line = hints[code] ?? (fields === '' ? detail : fields);
  const later =
    (status === 429 || status === 503) && retryAfterMs !== undefined
      ? ` Try again in ${Math.ceil(retryAfterMs / 1_000)} s.`
      : '';
  const { type: _type, title: _title, detail: _detail, ...more } = problem;
  return new CommandError(exitOf(status, code), `${code}: ${line}${later}`, { ...more, requestId });
}

function exitOf(status: number, code = ''): Exit {
  if (code === 'unauthenticated' || code === 'session-ended') return 'notLoggedIn';
  if (code === 're-authentication-required') return 'proofNeeded';
  if (status === 429 || status === 502 || status === 503 || status === 504) return 'unavailable';
  return status >= 500 ? 'fault' : 'refused';
}
