import { randomUUID } from 'node:crypto';
import type { Endpoint } from '#libs/contracts/src/http/endpoint.js';
import { CommandError, type Exit } from '../command/exit.js';

export interface Request {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
  /** Aborts it; else the head of an answer is waited for half a minute. */
  readonly signal?: AbortSignal;
}

const PATIENCE_MS = 30_000;
/** Of an answer that is no success. */
const MOST_PROBLEM_BYTES = 65_536;

interface To {
  readonly origin: URL;
  readonly token?: string;
}

/** @throws CommandError no success, or no answer */
export async function send({ origin, token }: To, endpoint: Endpoint, request: Request): Promise<Response> {
  const { body, headers = {}, signal } = request;
  const url = new URL(pathOf(endpoint, request), origin);
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(new Error('nothing came for half a minute')), PATIENCE_MS);
  try {
    const response = await fetch(url, {
      method: endpoint.method,
      headers: {
        'x-request-id': randomUUID(),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(body && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body && { body: JSON.stringify(body) }),
      // to where the token is not for
      redirect: 'manual',
      signal: AbortSignal.any([patience.signal, ...(signal ? [signal] : [])]),
    });
    if (response.ok) return response;
    throw await problemIn(response);
  } catch (error) {
    throw failureOf(error, url.href);
  } finally {
    clearTimeout(timer);
  }
}

function pathOf({ path }: Endpoint, { params = {}, query = {} }: Request): string {
  const filled = path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const each of Array.isArray(value) ? (value as unknown[]) : [value]) {
      if (each !== undefined) search.append(name, String(each as string | number | boolean));
    }
  }
  return search.size > 0 ? `${filled}?${search.toString()}` : filled;
}

/** What to do, where the problem itself does not say it. */
const hints: Readonly<Record<string, string>> = {
  unauthenticated: 'The token is not valid: twinlock login, or look at the token that was given.',
  'session-ended': 'The session has ended: twinlock login.',
  'not-yet-effective': 'It is recorded, and takes effect by itself.',
};

async function problemIn(response: Response): Promise<CommandError> {
  const { status } = response;
  const problem = problemOf(await textOf(response));
  if (problem === undefined)
    return new CommandError(exitOf(status, ''), `The answer is ${status}, and none of Twinlock's.`);
  const { code, detail, errors } = problem;
  const fields = (errors ?? []).map(({ field, message }) => `${field} ${message}`).join('; ');
  const line = hints[code] ?? (fields === '' ? detail : fields);
  const { type: _type, title: _title, detail: _detail, ...more } = problem;
  return new CommandError(exitOf(status, code), `${code}: ${line}${laterBy(response)}`, more);
}

interface Problem extends Record<string, unknown> {
  readonly code: string;
  readonly detail: string;
  readonly errors?: readonly { readonly field: string; readonly message: string }[];
}

function problemOf(text: string): Problem | undefined {
  try {
    const read = JSON.parse(text) as Partial<Problem> | null;
    return typeof read?.code === 'string'
      ? { detail: String((read.title as string | undefined) ?? read.code), ...read, code: read.code }
      : undefined;
  } catch {
    // by a proxy before the product
    return undefined;
  }
}

function exitOf(status: number, code: string): Exit {
  if (code === 'unauthenticated' || code === 'session-ended') return 'notLoggedIn';
  if (code === 're-authentication-required') return 'proofNeeded';
  if (status === 429 || status === 502 || status === 503 || status === 504) return 'unavailable';
  return status >= 500 ? 'fault' : 'refused';
}

function laterBy({ status, headers }: Response): string {
  const seconds = headers.get('retry-after');
  return (status === 429 || status === 503) && seconds !== null && /^\d+$/.test(seconds)
    ? ` Try again in ${seconds} s.`
    : '';
}

async function textOf({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    chunks.push(chunk as Uint8Array);
    bytes += (chunk as Uint8Array).length;
    if (bytes > MOST_PROBLEM_BYTES) break;
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** No answer, or one that broke off. */
export function failureOf(error: unknown, url: string): CommandError {
  if (error instanceof CommandError) return error;
  const { cause, message } = error as Error & { readonly cause?: NodeJS.ErrnoException };
  return new CommandError('unavailable', `There is no answer from ${new URL(url).origin} (${cause?.code ?? message}).`);
}
