import { setTimeout as pause } from 'node:timers/promises';
import { createParser } from 'eventsource-parser';
import { ProblemError } from '../problem-error.js';
import { eventFrom } from './chain.js';
import type { EventSource } from './follow.js';

export interface HttpSourceOptions {
  /** Of the product: `https://twinlock.example`. */
  readonly url: string | URL;
  /** A service token of scope `events`, or an administrator's session; asked for at each connection where it is a function. */
  readonly token: string | (() => string | Promise<string>);
  readonly portal: string;
  /** From which time on (ISO 8601). From the first event unless told. */
  readonly from?: string;
  /** Of this account alone. */
  readonly account?: string;
  /** Of these types alone: whether others between them are missing is not looked at then. */
  readonly types?: readonly string[];
  /** After so long a silence the connection is taken for dead; the product says something every 15 seconds. 45 seconds unless told. */
  readonly silenceMs?: number;
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
  const { portal, from, account, types = [] } = options;
  const query = new URLSearchParams({ from: from ?? FIRST });
  for (const type of types) query.append('type', type);
  if (account !== undefined) query.set('account', account);
  const stream = new URL(`/v1/portals/${encodeURIComponent(portal)}/events/stream?${query.toString()}`, options.url);
  const cursor = `cursor:${portal}`;
  return {
    coverage: types.length > 0 ? 'some' : from === undefined ? 'all' : 'later',
    async read({ load, take, signal }) {
      let lastEventId = await load(cursor);
      for (let attempt = 0; !signal.aborted;) {
        let patience = 0;
        try {
          for await (const { id, data } of messages(stream, options, lastEventId, signal, () => (attempt = 0))) {
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
            patience = (error.problem.retryAfter ?? 0) * 1_000;
          }
        }
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

interface Message {
  readonly id: string | undefined;
  readonly data: string;
}

/** Of one connection, until it ends or is silent. @throws ProblemError @throws Error it was cut */
async function* messages(
  url: URL,
  { token, silenceMs = SILENCE_MS, fetch: send = fetch }: HttpSourceOptions,
  lastEventId: string | undefined,
  signal: AbortSignal,
  /** It lives. */
  heard: () => void,
): AsyncGenerator<Message> {
  const silent = new AbortController();
  /** While something is awaited of the other side: a slow handler is no silence. */
  const noLongerThanSilence = async <T>(awaited: Promise<T>): Promise<T> => {
    const timer = setTimeout(() => silent.abort(new Error(`nothing came for ${silenceMs} ms`)), silenceMs);
    try {
      return await awaited;
    } finally {
      clearTimeout(timer);
    }
  };
  const headers = {
    accept: 'text/event-stream',
    authorization: `Bearer ${typeof token === 'string' ? token : await token()}`,
    ...(lastEventId !== undefined && { 'last-event-id': lastEventId }),
  };
  const both = AbortSignal.any([signal, silent.signal]);
  const response = await noLongerThanSilence(send(url, { headers, signal: both, redirect: 'error' }));
  if (!response.ok || response.body === null) throw await refusal(response);

  const waiting: Message[] = [];
  const parser = createParser({ onEvent: ({ id, data }) => waiting.push({ id, data }) });
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  try {
    for (;;) {
      const { done, value } = await noLongerThanSilence(reader.read());
      if (done) return;
      heard();
      parser.feed(value);
      yield* waiting.splice(0);
    }
  } finally {
    silent.abort();
    await reader.cancel().catch(() => undefined);
  }
}

/** What answers in place of the product, such as a proxy, may come back as well. */
async function refusal(response: Response): Promise<Error> {
  const text = await response.text();
  if (response.headers.get('content-type')?.startsWith('application/problem+json')) {
    return new ProblemError(JSON.parse(text) as ProblemError['problem']);
  }
  return new Error(`answered ${response.status}`);
}
