import { createParser } from 'eventsource-parser';

/** The server says every 15 seconds that it is still there. Who is silent for longer is gone, whatever the network says. */
const LONGEST_SILENCE_MS = 40_000;

/**
 * Hands on the data of each message of a stream (Server-Sent Events), until it ends.
 * @throws what cut it, or that it was silent for too long
 */
export async function readMessages(
  body: ReadableStream<Uint8Array>,
  hear: (data: string) => void,
  longestSilenceMs = LONGEST_SILENCE_MS,
): Promise<void> {
  const parser = createParser({ onEvent: ({ data }) => hear(data) });
  const decoder = new TextDecoder();
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await withinTime(reader.read(), longestSilenceMs);
      if (done) return;
      parser.feed(decoder.decode(value, { stream: true }));
    }
  } catch (error) {
    // nobody waits for what the stream says to that
    void reader.cancel(error).catch(() => undefined);
    throw error;
  }
}

async function withinTime<Value>(coming: Promise<Value>, ms: number): Promise<Value> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`silent for ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([coming, late]);
  } finally {
    clearTimeout(timer);
  }
}
