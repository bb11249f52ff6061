import type { ProblemDocument } from '#libs/contracts/src/problems.js';
import { ProblemError } from '../problem-error.js';
import { TransportError } from '../transport-error.js';
import type { CallOptions } from './calls.js';
import { ArgumentError, type Request } from './request.js';

export interface Connection {
  readonly origin: string;
  readonly token: (() => Promise<string | undefined>) | undefined;
  readonly timeoutMs: number;
  readonly retries: number;
  readonly fetch: typeof fetch;
}
interface Sending {
  readonly call: string;
  readonly method: string;
  readonly request: Request;
  /** In place of the request's body: sent as it is made, once. */
  readonly lines?: ReadableStream<Uint8Array>;
}

const FIRST_PAUSE_MS = 200;
/** What a client waits at most between two tries; told to wait for longer, it gives up. */
const LONGEST_PAUSE_MS = 10_000;
const passing = new Set([429, 502, 503, 504]);

/** The answer, once its head is there. @throws ProblemError @throws TransportError @throws the reason of the caller's signal */
export async function exchange(to: Connection, sending: Sending, options: CallOptions): Promise<Response> {
  const requestId = options.requestId ?? crypto.randomUUID();
  const tries = sending.request.repeatable && !sending.lines ? 1 + (options.retries ?? to.retries) : 1;
  for (let tried = 1; ; tried += 1) {
    try {
      return await once(to, sending, { ...options, requestId });
    } catch (error) {
      const pause = tried < tries ? pauseAfter(error, tried) : undefined;
      if (pause === undefined || pause > LONGEST_PAUSE_MS) throw error;
      await waited(pause, options.signal);
    }
  }
}

/** Undefined: to try again is no use. Half of it is chance, so that clients which were refused together do not come back together. */
function pauseAfter(error: unknown, tried: number): number | undefined {
  const again =
    error instanceof TransportError
      ? error.reason !== 'not-twinlock' || passing.has(error.answered.status ?? 0)
      : error instanceof ProblemError && passing.has(error.status);
  if (!again) return undefined;
  const backoff = Math.min(FIRST_PAUSE_MS * 2 ** (tried - 1), LONGEST_PAUSE_MS / 2) * (0.5 + Math.random() / 2);
  return Math.max(backoff, error instanceof ProblemError ? (error.retryAfterMs ?? 0) : 0);
}

async function waited(ms: number, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    const aborted = () => (clearTimeout(timer), reject(signal!.reason as Error));
    const timer = setTimeout(() => (signal?.removeEventListener('abort', aborted), resolve()), ms);
    signal?.addEventListener('abort', aborted, { once: true });
  });
}

type Once = CallOptions & { readonly requestId: string };

async function once(to: Connection, { call, method, request, lines }: Sending, options: Once): Promise<Response> {
  const { requestId, signal } = options;
  const timeoutMs = options.timeoutMs ?? to.timeoutMs;
  const [contentType, body] = lines
    ? ['application/x-ndjson', lines]
    : ['application/json', request.body && JSON.stringify(request.body)];
  const headers = headersOf({
    accept: '*/*',
    'x-request-id': requestId,
    ...request.headers,
    traceparent: options.traceparent,
    tracestate: options.tracestate,
    authorization: bearer(options.token ?? (await to.token?.())),
    'content-type': body === undefined ? undefined : contentType,
  });
  signal?.throwIfAborted();
  const ending = new AbortController();
  const either = signal ? AbortSignal.any([ending.signal, signal]) : ending.signal;
  let late = false;
  const timer = setTimeout(() => ((late = true), ending.abort()), timeoutMs);
  try {
    // a redirection would take the token, or a code, to another place
    const sent = { method, headers, body, signal: either, redirect: 'error', ...(lines && { duplex: 'half' }) };
    const response = await to.fetch(`${to.origin}${request.path}`, sent as RequestInit);
    if (response.ok) return response;
    throw await refusal(response, to.origin, call, requestId);
  } catch (error) {
    if (error instanceof ProblemError || error instanceof TransportError) throw error;
    signal?.throwIfAborted();
    if (late)
      throw new TransportError('timeout', `no answer from ${to.origin} within ${timeoutMs} ms`, { call, requestId });
    const message = `no connection to ${to.origin}${codeIn(error)}`;
    throw new TransportError('network', message, { call, requestId }, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

/** ` (ECONNREFUSED)`, where the system says it. */
function codeIn(error: unknown): string {
  const { code } = ((error as Error).cause ?? {}) as { code?: unknown };
  return typeof code === 'string' ? ` (${code})` : '';
}

const headersOf = (given: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(Object.entries(given).filter((pair): pair is [string, string] => pair[1] !== undefined));

/** Checked here: what `fetch` says of a header that cannot be sent has the header in it. */
function bearer(token: string | undefined): string | undefined {
  if (token === undefined) return undefined;
  if (!/^[\x21-\x7e]+$/.test(token)) throw new ArgumentError('the token must be visible ASCII characters');
  return `Bearer ${token}`;
}

async function refusal(
  response: Response,
  origin: string,
  call: string,
  sentId: string,
): Promise<ProblemError | TransportError> {
  const { status, headers } = response;
  const requestId = headers.get('x-request-id') ?? sentId;
  const text = await response.text();
  const problem = headers.get('content-type')?.startsWith('application/problem+json') ? problemOf(text) : undefined;
  if (!problem)
    return new TransportError('not-twinlock', `an answer ${status} from ${origin} that is not the product's`, {
      call,
      requestId,
      status,
    });
  const retryAfterMs = retryAfterOf(headers.get('retry-after'));
  return new ProblemError(problem, { call, requestId, ...(retryAfterMs !== undefined && { retryAfterMs }) });
}

function problemOf(text: string): ProblemDocument | undefined {
  try {
    const read = JSON.parse(text) as Partial<ProblemDocument> | null;
    const whole = typeof read?.code === 'string' && typeof read.detail === 'string' && typeof read.status === 'number';
    return whole ? (read as ProblemDocument) : undefined;
  } catch {
    return undefined;
  }
}

/** Seconds, or a date (RFC 9110 §10.2.3). */
function retryAfterOf(text: string | null): number | undefined {
  if (text === null) return undefined;
  const ms = /^\d+$/.test(text) ? 1_000 * Number(text) : Date.parse(text) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}
