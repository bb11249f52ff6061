import { allRecords } from '#libs/engine/src/records.js';
import { Inject, Injectable } from '@nestjs/common';
import type { SourceApp } from '#libs/contracts/src/events/event.js';
import type { Engine, Records } from '#libs/engine/src/port.js';
import { ENGINE } from '#libs/platform/src/tokens.js';
import type { Chain, StreamHead } from './arrival.js';
import { beginning, type ChainEnd } from './chain.js';

/** The end of a stream in the trail, and the end that was seen of it before the trail was rebuilt, if that is further on. */
export interface StreamEnd extends ChainEnd {
  readonly remembered: ChainEnd | null;
}

/** `build`: of the trail that the end stands in. */
interface Kept extends StreamEnd {
  readonly build: string;
}

export const CHECKPOINTS = 'checkpoints';
const PAGE = 1_000;

/**
 * The ends of all streams that were ever seen: what the next event has to follow, and what a log is checked against that
 * was cut or written anew. Kept when the trail is rebuilt. May be behind the trail, as far as `checkpoint` says.
 */
@Injectable()
export class SeenHeads {
  readonly #heads: Records<Kept>;
  readonly #checkpoints: Records<number>;

  constructor(@Inject(ENGINE) engine: Pick<Engine, 'records'>) {
    this.#heads = engine.records('heads');
    this.#checkpoints = engine.records(CHECKPOINTS);
  }

  async of({ source, stream }: Chain, build: string): Promise<StreamEnd> {
    const kept = await this.#heads.get([source, stream]);
    if (kept === undefined) return { ...beginning, remembered: null };
    const { version, hash, remembered } = kept;
    return kept.build === build ? { version, hash, remembered } : { ...beginning, remembered: furthest(kept) };
  }

  async keep(heads: readonly (Chain & StreamEnd)[], build: string): Promise<void> {
    await this.#heads.write(
      heads.map(({ source, stream, version, hash, remembered }) => ({
        put: [source, stream],
        value: { version, hash, remembered: remembered && remembered.version > version ? remembered : null, build },
      })),
    );
  }

  /** The ends of a portal's streams are kept up to this entry of its trail. */
  async checkpoint(portal: string): Promise<number> {
    return (await this.#checkpoints.get([portal])) ?? 0;
  }

  async keepCheckpoints(checkpoints: readonly (readonly [portal: string, number: number])[]): Promise<void> {
    await this.#checkpoints.write(checkpoints.map(([portal, number]) => ({ put: [portal], value: number })));
  }

  async *all(): AsyncGenerator<StreamHead> {
    for await (const { key, value } of allRecords(this.#heads, { page: PAGE })) {
      yield { source: key[0] as SourceApp, stream: String(key[1]), ...furthest(value) };
    }
  }
}

function furthest({ version, hash, remembered }: StreamEnd): ChainEnd {
  return remembered !== null && remembered.version > version ? remembered : { version, hash };
}
