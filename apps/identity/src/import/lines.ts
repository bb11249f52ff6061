import type { Readable } from 'node:stream';

/** A line of a body, without its end. */
export interface Line {
  /** Counted from 1, empty ones too. */
  readonly number: number;
  /** Null: it has more bytes than a line may have. */
  readonly bytes: Buffer | null;
}

export interface LineLimits {
  readonly mostBytes: number;
  /** For the next line to arrive, from when it is asked for. Then the body is destroyed. */
  readonly patienceMs: number;
}

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** The lines of a body that are not empty, as they are asked for: of a longer one no more is kept than a line may have. */
export async function* linesOf(body: Readable, { mostBytes, patienceMs }: LineLimits): AsyncGenerator<Line> {
  let number = 0;
  let pieces: Buffer[] = [];
  let length = 0;
  const end = (): Line | undefined => {
    number += 1;
    const bytes = length > mostBytes + 1 ? null : trimmed(Buffer.concat(pieces), number);
    pieces = [];
    length = 0;
    if (bytes !== null && bytes.length > mostBytes) return { number, bytes: null };
    return bytes?.length === 0 ? undefined : { number, bytes };
  };
  const add = (piece: Buffer): void => {
    length += piece.length;
    if (length <= mostBytes + 1) pieces.push(piece);
    else pieces = [];
  };

  let late = hurry(body, patienceMs);
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      let from = 0;
      for (let at = chunk.indexOf(LINE_FEED); at >= 0; at = chunk.indexOf(LINE_FEED, from)) {
        add(chunk.subarray(from, at));
        from = at + 1;
        const line = end();
        if (!line) continue;
        clearTimeout(late);
        yield line;
        late = hurry(body, patienceMs);
      }
      // a copy, so that a short rest does not keep a long chunk
      add(Buffer.from(chunk.subarray(from)));
    }
    clearTimeout(late);
    const last = length > 0 ? end() : undefined;
    if (last) yield last;
  } finally {
    clearTimeout(late);
  }
}

const hurry = (body: Readable, patienceMs: number): NodeJS.Timeout =>
  setTimeout(() => body.destroy(new Error('no line came in time')), patienceMs);

const BYTE_ORDER_MARK = Buffer.from('\ufeff');

/** Without what other systems put before the first line and at the end of each. */
function trimmed(bytes: Buffer, number: number): Buffer {
  const from = number === 1 && bytes.subarray(0, 3).equals(BYTE_ORDER_MARK) ? 3 : 0;
  return bytes.subarray(from, bytes.at(-1) === CARRIAGE_RETURN ? -1 : undefined);
}
