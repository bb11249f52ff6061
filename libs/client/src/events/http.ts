import { setTimeout as pause } from 'node:timers/promises';
import { exchange } from '../http/exchange.js';
import { requestOf } from '../http/request.js';
import { messagesOf, textOf } from '../http/streams.js';
import { table } from '../http/table.js';
import { broken, connectionOf } from '../http/twinlock.js';
import { ProblemError } from '../problem-error.js';
import { eventFrom } from './chain.js';
import type { EventSource } from './follow.js';

export interface HttpSourceOptions {
  /** Of the product: `https://twinlock.example`. */
  readonly url: string | URL;
  /** A service token of scope `events`, or an administrator's session; asked for at each connection where it is a function. */
  readonly token: string | (() => string | Promise<string>);
  readonly portal: string;
  /** From which time on (ISO 8601), or `now`: what comes once it is connected. From the first event unless told. */
  readonly from?: string;
  /** Of this account alone. */
  readonly account?: string;
  /** Of these types alone. Whether others between them are missing is not looked at then, nor with the two that follow. */
  readonly types?: readonly string[];
  /** Of this request alone. */
  readonly correlationId?: string;
  /** Of what this one did alone. */
  readonly actor?: string;
  /** After so long a silence the connection is taken for dead; the product says something every 15 seconds. 45 seconds unless told. */
  readonly silenceMs?: number;
  readonly onConnected?: () => void;
  /** `reason`: undefined where the product ended the connection. It connects again, unless this throws. */
  readonly onDisconnected?: (reason?: Error) => void;
  readonly fetch?: typeof fetch;
}

const FIRST = '1970-01-01T00:00:00.000Z';
const SILENCE_MS = 45_000;
const SHORTEST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

/**
 * Events of a portal as Server-Sent Events, with `plain` where it can be opened. It connects again for as long as the product may be reached
 * again, and goes on after the event that was handled last.
 */
export function overHttp(options: HttpSourceOptions): EventSource {
  const { portal, from = FIRST, account, types = [], correlationId, actor } = options;
  const filter = { portal, account, type: types, correlationId, actor };
  const cursor = `cursor:${portal}`;
  const isPart = types.length > 0 || correlationId !== undefined || actor !== undefined;
  return {
    coverage: isPart ? 'some' : options.from === undefined ? 'all' : 'later',
    async read({ load, take, signal }) {
      let lastEventId = await load(cursor);
      let since = from === 'now' ? undefined : from;
      for (let attempt = 0; !signal.aborted;) {
        let patience = 0;
        let reason: Error | undefined;
        try {
          const heard = () => (attempt = 0);
          const connected = (at: string) => {
            since ??= at;
            options.onConnected?.();
          };
          const args = { ...filter, from: since, lastEventId };
          for await (const { id, data } of messages(args, options, signal, { connected, heard })) {
            const place = id ?? lastEventId ?? 'the beginning';
            const position = id === undefined ? {} : { [cursor]: id };
            try {
              await take({ event: eventFrom(data, place), place, position });
            } catch (error) {
              throw new NotOfTheConnection(error);
            }
            lastEventId = id ?? lastEventId;
            if (signal.aborted) return;
          }
        } catch (error) {
          if (error instanceof NotOfTheConnection) throw error.cause;
          if (signal.aborted) return;
          if (error instanceof ProblemError) {
            if (error.status < 500 && error.status !== 429) throw error;
            patience = error.retryAfterMs ?? 0;
          }
          reason = error as Error;
        }
        options.onDisconnected?.(reason);
        const backoff = Math.min(LONGEST_PAUSE_MS, SHORTEST_PAUSE_MS * 2 ** attempt++);
        const wait = Math.max(patience, backoff * (0.5 + Math.random() / 2));
        await pause(wait, undefined, { signal }).catch(() => undefined);
      }
    },
  };
}

/** What the handler or the chain says is not answered by connecting again. */
class NotOfTheConnection extends Error {
  constructor(cause: unknown) {
    super('not of the connection', { cause });
  }
}

interface Hearing {
  /** `at`: by the product's clock. */
  readonly connected: (at: string) => void;
  /** It lives. */
  readonly heard: () => void;
}

/** Of one connection, until it ends or is silent. @throws ProblemError @throws TransportError */
async function* messages(
  args: Readonly<Record<string, unknown>>,
  { silenceMs = SILENCE_MS, ...options }: HttpSourceOptions,
  signal: AbortSignal,
  { connected, heard }: Hearing,
) {
  const to = connectionOf({ ...options, timeoutMs: silenceMs, retries: 0 });
  const silent = new AbortController();
  /** A slow handler is no silence. */
  const noLongerThanSilence = async <T>(awaited: Promise<T>): Promise<T> => {
    const timer = setTimeout(() => silent.abort(new Error(`nothing came for ${silenceMs} ms`)), silenceMs);
    try {
      return await awaited;
    } finally {
      clearTimeout(timer);
    }
  };
  const sending = { call: 'streamEvents', method: 'GET', request: requestOf(table.streamEvents, args) };
  const either = AbortSignal.any([signal, silent.signal]);
  const response = await exchange(to, sending, { signal: either });
  connected(new Date(response.headers.get('date') ?? Date.now()).toISOString());
  if (response.body === null) return;
  const messagesIn = messagesOf();
  const parts = textOf(response.body, either);
  try {
    for (;;) {
      const { done, value } = await noLongerThanSilence(parts.next()).catch((error: unknown) => {
        throw broken('streamEvents', response, error);
      });
      if (done) return;
      heard();
      yield* messagesIn(value);
    }
  } finally {
    silent.abort();
    await parts.return();
  }
}
