import { Injectable } from '@nestjs/common';
import { AccountNames } from '../query/account-names.js';
import { type Order, startOf } from '../query/cursor.js';
import type { Filter } from '../query/filter.js';
import { OpenedEvents } from '../query/opened-events.js';
import { type Chunk, type Found, TrailReader } from '../query/trail-reader.js';
import type { ExportFormat, Row } from './formats.js';

/** Events that are handed on in one piece. */
const PIECE = 64;

@Injectable()
export class Exports {
  constructor(
    private readonly reader: TrailReader,
    private readonly opened: OpenedEvents,
    private readonly names: AccountNames,
  ) {}

  /** What is there now, to the end. The first read is done when it resolves, so that a store that is away can be told. */
  async begin(portal: string, filter: Filter, order: Order): Promise<AsyncIterable<Chunk>> {
    const chunks = this.reader.read(portal, filter, startOf(order), order);
    const first = await chunks.next();
    return first.done ? nothing() : continued(first.value, chunks);
  }

  /** @throws the signal's reason, so that a download that was cut short is seen as such */
  async *lines(
    portal: string,
    chunks: AsyncIterable<Chunk>,
    format: ExportFormat,
    signal: AbortSignal,
  ): AsyncGenerator<string> {
    if (format.header !== '') yield format.header;
    for await (const { found } of chunks) {
      for (let begin = 0; begin < found.length; begin += PIECE) {
        signal.throwIfAborted();
        yield format.lines(await this.rowsOf(portal, found.slice(begin, begin + PIECE), format));
      }
    }
  }

  private async rowsOf(portal: string, found: readonly Found[], { named }: ExportFormat): Promise<Row[]> {
    const [opened, names] = await Promise.all([
      this.opened.found(portal, found),
      named
        ? this.names.of(
            portal,
            found.map(({ event }) => event),
          )
        : [],
    ]);
    return opened.map((each, at) => ({ ...each, names: names[at] }));
  }
}

async function* continued(first: Chunk, rest: AsyncIterable<Chunk>): AsyncGenerator<Chunk> {
  yield first;
  yield* rest;
}

async function* nothing(): AsyncGenerator<Chunk> {
  // an empty trail has no chunks
}
