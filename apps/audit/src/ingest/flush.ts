import type { SourceApp } from '#libs/contracts/src/events/event.js';
import type { Arrival } from '../trail/arrival.js';
import type { ChainEnd } from '../trail/chain.js';
import type { SeenHead } from '../trail/seen-heads.js';
import {
  type Entry,
  type IndexOperation,
  type Positions,
  type StreamPart,
  termOfStream,
  termOfType,
  termOutOfOrder,
} from '../trail/trail.js';

/** What finds an event again. */
export type Filed = Pick<Arrival, 'source' | 'portal' | 'account' | 'stream' | 'type' | 'version' | 'hash'>;

/** The end of a stream in the trail. */
export interface StreamEnd extends ChainEnd {
  readonly source: SourceApp;
  readonly stream: string;
  /** Of the entry that it stands in; 0 for a stream that has none. */
  readonly number: number;
  /** What is kept beside the trail as the head of the stream: equal, behind after a crash, ahead after a rebuild. */
  readonly remembered: ChainEnd | null;
}

/** The end of a portal's trail. */
export interface TrailEnd extends Pick<Entry, 'newest' | 'disorder'> {
  readonly number: number;
}

export const streamKey = ({ source, stream }: Pick<Filed, 'source' | 'stream'>): string => `${source} ${stream}`;

/** What one round of taking in has found out and has yet to write. */
export class Flush {
  readonly streams = new Map<string, StreamEnd>();
  readonly portals = new Map<string, TrailEnd>();
  readonly taken: Arrival[] = [];
  readonly operations: IndexOperation[] = [];

  endOf(event: Pick<Filed, 'source' | 'stream'>): StreamEnd {
    const end = this.streams.get(streamKey(event));
    if (end === undefined) throw new TypeError(`the end of stream ${event.stream} was not looked up`);
    return end;
  }

  /** Takes an entry into the index; the ends of its streams have been looked up. An entry that is there already changes nothing. */
  index(portal: string, number: number, events: readonly Filed[]): void {
    const types = new Map<string, number[]>();
    const outOfOrder = new Map<string, number[]>();
    const parts = new Map<string, StreamPart & { at: number[] }>();
    for (const [at, event] of events.entries()) {
      const { source, account, version, hash } = event;
      add(types, termOfType(event.type), at);
      const term = termOfStream(source, account);
      const end = this.endOf(event);
      const part = parts.get(term);
      if (part === undefined && end.number >= number) continue;
      if (version <= end.version) {
        add(outOfOrder, termOutOfOrder(source, account), at);
        continue;
      }
      parts.set(term, { first: part?.first ?? version, last: version, hash, at: part?.at ?? [] });
      parts.get(term)?.at.push(at);
      this.streams.set(streamKey(event), { ...end, version, hash, number });
    }
    // A part says that its stream is done with this entry, so it comes after what is out of order.
    const put = (term: string, value: Positions | StreamPart) =>
      this.operations.push({ put: [portal, term, number], value });
    for (const [term, at] of outOfOrder) put(term, at);
    for (const [term, at] of types) put(term, at);
    for (const [term, part] of parts) put(term, part);
  }

  /** Heads to be kept: those of streams that have gone on. */
  heads(): SeenHead[] {
    return [...this.streams.values()].filter(({ version, remembered }) => version > (remembered?.version ?? 0));
  }
}

function add(postings: Map<string, number[]>, term: string, at: number): void {
  const known = postings.get(term);
  if (known) known.push(at);
  else postings.set(term, [at]);
}
