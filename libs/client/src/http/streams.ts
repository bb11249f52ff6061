import { createParser, type EventSourceMessage } from 'eventsource-parser';

type Bytes = ReadableStream<Uint8Array>;

/** Text as it comes; the rest is not asked for once nobody reads on. @throws the reason of the signal */
export async function* textOf(body: Bytes, signal?: AbortSignal): AsyncGenerator<string, void> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const cancel = () => void reader.cancel().catch(() => {});
  // by ourselves: that the signal of a request ends its answer too is forgotten once the request is collected
  signal?.addEventListener('abort', cancel, { once: true });
  try {
    signal?.throwIfAborted();
    for (let part = await reader.read(); !part.done; part = await reader.read())
      yield decoder.decode(part.value, { stream: true });
    signal?.throwIfAborted();
    yield decoder.decode();
  } finally {
    signal?.removeEventListener('abort', cancel);
    await reader.cancel().catch(() => {});
  }
}

/** Newline-delimited JSON. @throws SyntaxError a line is none, as where an answer broke off */
export async function* linesOf(body: Bytes, signal?: AbortSignal): AsyncGenerator<unknown, void> {
  let rest = '';
  for await (const text of textOf(body, signal)) {
    const lines = (rest + text).split('\n');
    rest = lines.pop()!;
    for (const line of lines) if (line !== '') yield JSON.parse(line);
  }
  if (rest.trim() !== '') yield JSON.parse(rest);
}

/** Server-Sent Events with data, as parts of a stream make them whole; comments, which keep a connection open, are passed over. */
export function messagesOf(): (part: string) => readonly EventSourceMessage[] {
  const received: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (message) => received.push(message) });
  return (part) => {
    parser.feed(part);
    return received.splice(0);
  };
}

export async function* eventsOf(
  body: Bytes,
  signal?: AbortSignal,
): AsyncGenerator<{ id: string; event: unknown }, void> {
  const messagesIn = messagesOf();
  for await (const text of textOf(body, signal))
    for (const { id = '', data } of messagesIn(text)) yield { id, event: JSON.parse(data) as unknown };
}

/** One JSON text on each line, made as it is sent; a text is a line as it stands. */
export function linesFrom(values: Iterable<unknown> | AsyncIterable<unknown>): Bytes {
  const encoder = new TextEncoder();
  const source = Symbol.asyncIterator in values ? values[Symbol.asyncIterator]() : values[Symbol.iterator]();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const next = (await source.next()) as IteratorResult<unknown, unknown>;
      if (next.done) controller.close();
      else
        controller.enqueue(
          encoder.encode(`${typeof next.value === 'string' ? next.value : JSON.stringify(next.value)}\n`),
        );
    },
    cancel: async () => void (await source.return?.()),
  });
}
