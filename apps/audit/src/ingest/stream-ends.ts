import { setImmediate as giveWay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { lruOf } from '#libs/engine/src/lru.js';
import type { Chain, Chained } from '../trail/arrival.js';
import { SeenHeads, type StreamEnd } from '../trail/seen-heads.js';
import { Trail } from '../trail/trail.js';

/** Written in one go: few enough to keep nobody waiting. */
const PIECE = 256;

type End = Chain & StreamEnd;

/**
 * Where each stream ends in the trail. What has moved stays in memory until it is kept, as that costs a write per stream:
 * done now and then, it is one write for many events. After a crash the entries say it again.
 */
@Injectable()
export class StreamEnds {
  readonly #moved = new Map<string, End>();
  readonly #known = lruOf<StreamEnd>(100_000);

  constructor(
    private readonly heads: SeenHeads,
    private readonly trail: Trail,
  ) {}

  /** Streams whose end is not kept yet. */
  get unkept(): number {
    return this.#moved.size;
  }

  /** Looks up where the streams of these events end: some hundreds at most. */
  async load(events: readonly Chained[]): Promise<void> {
    const unknown = new Map<string, Chain>();
    for (const event of events) {
      const { key } = event;
      if (!this.#moved.has(key) && this.#known.get(key) === undefined) unknown.set(key, event);
    }
    if (unknown.size === 0) return;
    const build = await this.trail.build();
    await Promise.all(
      [...unknown].map(async ([key, chain]) => this.#known.set(key, await this.heads.of(chain, build))),
    );
  }

  /** Of a stream that was just looked up. */
  of(key: string): StreamEnd {
    const end = this.#moved.get(key) ?? this.#known.get(key);
    if (end === undefined) throw new TypeError(`the end of ${key} was not looked up`);
    return end;
  }

  /** The trail has these events, whose streams were looked up. Those that move no end are passed over. */
  advance(events: readonly Chained[]): void {
    for (const { key, source, stream, version, hash } of events) {
      const end = this.of(key);
      if (version <= end.version) continue;
      this.#moved.set(key, { source, stream, version, hash, remembered: end.remembered });
    }
  }

  /** Keeps all that has moved. */
  async keep(): Promise<void> {
    const build = await this.trail.build();
    const moved = [...this.#moved];
    for (let begin = 0; begin < moved.length; begin += PIECE) {
      const piece = moved.slice(begin, begin + PIECE);
      await this.heads.keep(
        piece.map(([, end]) => end),
        build,
      );
      for (const [key, end] of piece) {
        this.#known.set(key, end);
        if (this.#moved.get(key) === end) this.#moved.delete(key);
      }
      await giveWay();
    }
  }
}
