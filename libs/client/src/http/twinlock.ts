import { ProblemError } from '../problem-error.js';
import { TransportError } from '../transport-error.js';
import type { CallName, CallOptions, Calls, ProblemOf } from './calls.js';
import { type Connection, exchange } from './exchange.js';
import { requestOf, type TableEntry } from './request.js';
import { eventsOf, linesFrom, linesOf, textOf } from './streams.js';
import { table } from './table.js';

export interface TwinlockOptions {
  /** Of the product: `https://twinlock.example`. */
  readonly url: string | URL;
  /** The operator's, a session's or a service's; asked for at each try where it is a function. */
  readonly token?: string | (() => string | undefined | Promise<string | undefined>);
  /** Of each try, until the answer has begun; 15,000 unless told. */
  readonly timeoutMs?: number;
  /** How many times more an idempotent call is tried after a 429, 502, 503 or 504, or no answer; 2 unless told. */
  readonly retries?: number;
  readonly fetch?: typeof fetch;
}

type Args = Readonly<Record<string, unknown>>;
const entries = Object.entries(table) as [CallName, TableEntry][];

class Client {
  constructor(options: TwinlockOptions) {
    const to = connectionOf(options);
    for (const [name, entry] of entries) Object.defineProperty(this, name, { value: methodOf(to, name, entry) });
  }
}

/** A product, with a method for each of its calls. @throws TypeError the options are no such */
export const Twinlock = Client as unknown as new (options: TwinlockOptions) => Twinlock;
export type Twinlock = Calls;

/** Whether the product has refused, of that call where one is named: `code` is then one of its codes. */
export function isProblem<Name extends CallName = CallName>(error: unknown, call?: Name): error is ProblemOf<Name> {
  return error instanceof ProblemError && (call === undefined || error.call === call);
}

/** @throws TypeError the options are no such */
export function connectionOf({ url, token, timeoutMs = 15_000, retries = 2, ...options }: TwinlockOptions): Connection {
  if (!URL.canParse(String(url))) throw new TypeError('url must be an http or https address');
  const { protocol, origin, username, password } = new URL(url);
  if (!/^https?:$/.test(protocol) || username !== '' || password !== '')
    throw new TypeError('url must be an http or https address without credentials');
  if (!(timeoutMs > 0 && timeoutMs < 2 ** 31)) throw new TypeError('timeoutMs must be a positive number');
  if (!(Number.isInteger(retries) && retries >= 0)) throw new TypeError('retries must be a whole number, or 0');
  return {
    origin,
    token: token === undefined ? undefined : async () => (typeof token === 'function' ? token() : token),
    timeoutMs,
    retries,
    // called by the name that it has: in browsers it must not be a method of another object
    fetch: options.fetch ?? ((input, init) => fetch(input, init)),
  };
}

function methodOf(to: Connection, call: CallName, entry: TableEntry): unknown {
  const send = (args: Args, options: CallOptions, lines?: ReadableStream<Uint8Array>) =>
    exchange(to, { call, method: entry.method, request: requestOf(entry, args), ...(lines && { lines }) }, options);
  const { answer } = entry;
  if (answer === 'value' || answer === 'nothing')
    return async (args: Args = {}, options: CallOptions = {}) => {
      const response = await send(args, options);
      return answer === 'value' ? valueOf(call, response, options) : void (await response.body?.cancel());
    };
  if (answer === 'lines')
    return (args: Args, values: Iterable<unknown>, options: CallOptions = {}) =>
      read(call, () => send(args, options, linesFrom(values)), linesOf, options);
  if (answer === 'events')
    return (args: Args, options: CallOptions = {}) => read(call, () => send(args, options), eventsOf, options);
  return (args: Args, options: CallOptions = {}) =>
    read<unknown>(call, () => send(args, options), args.format === 'csv' ? textOf : linesOf, options);
}

async function valueOf(call: string, response: Response, { signal }: CallOptions): Promise<unknown> {
  try {
    let text = '';
    for await (const part of response.body ? textOf(response.body, signal) : []) text += part;
    return JSON.parse(text);
  } catch (error) {
    signal?.throwIfAborted();
    throw broken(call, response, error);
  }
}

async function* read<T>(
  call: string,
  send: () => Promise<Response>,
  parts: (body: ReadableStream<Uint8Array>, signal?: AbortSignal) => AsyncGenerator<T, void>,
  { signal }: CallOptions,
): AsyncGenerator<T, void> {
  const response = await send();
  if (response.body === null) return;
  const received = parts(response.body, signal);
  try {
    for (;;) {
      const next = await received.next().catch((error: unknown) => {
        signal?.throwIfAborted();
        throw broken(call, response, error);
      });
      if (next.done) return;
      yield next.value;
    }
  } finally {
    await received.return();
  }
}

/** The answer began, and is not whole. */
export const broken = (call: string, { status, headers }: Response, cause: unknown): TransportError =>
  new TransportError(
    'network',
    'the answer broke off',
    { call, requestId: headers.get('x-request-id') ?? '', status },
    { cause },
  );
