import { readMessages } from './stream.js';

/** A body that brings these pieces, and then stays open, or ends. */
function bodyOf(pieces: readonly string[], { open = false, cancelled = () => {} } = {}) {
  const bytes = new TextEncoder();
  return new ReadableStream<Uint8Array>({
    start(controller) {
      for (const piece of pieces) controller.enqueue(bytes.encode(piece));
      if (!open) controller.close();
    },
    cancel: cancelled,
  });
}
async function heard(body: ReadableStream<Uint8Array>, longestSilenceMs?: number) {
  const messages: string[] = [];
  await readMessages(body, (data) => messages.push(data), longestSilenceMs);
  return messages;
}

describe('a stream of messages', () => {
  it('is read to its end, wherever it is cut into pieces', async () => {
    const pieces = [
      'retry: 1000\n\nid: a.1\neve',
      'nt: x\ndata: {"a":',
      '1}\n\n: still here\n\ndata: 2\n',
      '\ndata: half',
    ];
    expect(await heard(bodyOf(pieces))).toEqual(['{"a":1}', '2']);
  });

  it('may cut a character in two', async () => {
    const bytes = new TextEncoder().encode('data: Zoë\n\n');
    const at = bytes.indexOf(0xc3) + 1;
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(bytes.slice(0, at));
        controller.enqueue(bytes.slice(at));
        controller.close();
      },
    });
    expect(await heard(body)).toEqual(['Zoë']);
  });

  it('that says nothing for too long is given up', async () => {
    let cancelled = false;
    const body = bodyOf(['data: 1\n\n'], { open: true, cancelled: () => (cancelled = true) });
    await expect(heard(body, 20)).rejects.toThrow('silent for 20 ms');
    expect(cancelled).toBe(true);
  });
});
