import { allRecords } from '#libs/engine/src/records.js';
import { Inject, Injectable } from '@nestjs/common';
import type { SourceApp } from '#libs/contracts/src/events/event.js';
import type { Engine, Key, Records } from '#libs/engine/src/port.js';
import { sha256 } from '#libs/event-store/src/canonical.js';
import { ENGINE } from '#libs/platform/src/tokens.js';
import type { Arrival } from './arrival.js';
import type { Break, ChainEnd } from './chain.js';

/** An event that does not fit the chain of its stream. The event itself stands in the trail as it arrived. */
export interface ChainBreak {
  readonly kind: Break;
  readonly source: SourceApp;
  readonly stream: string;
  readonly version: number;
  readonly eventId: string;
  /** When it was noticed. */
  readonly at: string;
  /** Where the stream ended before it. */
  readonly after: ChainEnd;
  /** The event as it arrived, so that not even a rebuild of the trail loses the evidence. */
  readonly event: string;
}

const PAGE = 200;

/** Every break that was ever noticed. Noticing it again changes nothing. Kept when the trail is rebuilt. */
@Injectable()
export class ChainBreaks {
  readonly #records: Records<ChainBreak>;

  constructor(@Inject(ENGINE) engine: Pick<Engine, 'records'>) {
    this.#records = engine.records('chain-breaks');
  }

  /** Those of them that were not known. */
  async keep(breaks: readonly ChainBreak[]): Promise<ChainBreak[]> {
    const created = await Promise.all(breaks.map((each) => this.#records.create(keyOf(each), each)));
    return breaks.filter((_, index) => created[index]);
  }

  async *all(): AsyncGenerator<ChainBreak> {
    for await (const { value } of allRecords(this.#records, { page: PAGE })) yield value;
  }
}

export const chainBreak = (arrival: Arrival, kind: Break, after: ChainEnd, now: number): ChainBreak => ({
  kind,
  source: arrival.source,
  stream: arrival.stream,
  version: arrival.version,
  eventId: String(arrival.id),
  at: new Date(now).toISOString(),
  after: { version: after.version, hash: after.hash },
  event: arrival.text,
});

const keyOf = ({ source, stream, version, kind, event }: ChainBreak): Key => [
  source,
  stream,
  version,
  kind,
  sha256(event),
];
