import { Injectable } from '@nestjs/common';
import { lruOf } from '#libs/engine/src/lru.js';
import { TrailReader } from '../query/trail-reader.js';
import { type Arrival, chained } from '../trail/arrival.js';
import { Trail } from '../trail/trail.js';

/** Entries looked through from where the event should stand by its time, before all of its account are. */
const NEIGHBOURS = 4;

/** Finds what the trail has of an event that comes again. */
@Injectable()
export class KeptEvents {
  readonly #texts = lruOf<ReadonlySet<string>>(64);
  /** Where the last one of each source was found: what is delivered again comes in the order of the trail. */
  readonly #lastFound = lruOf<number>(10_000);

  constructor(
    private readonly trail: Trail,
    private readonly reader: TrailReader,
  ) {}

  /** Whether the trail has this very event. Costs little where many come again. */
  async has(arrival: Arrival, end: number): Promise<boolean> {
    const { portal, source, time } = arrival;
    const near = this.#lastFound.get(`${portal} ${source}`);
    if (near !== undefined && (await this.#stands(arrival, near, near + 1))) return true;
    if (!Number.isFinite(time)) return false;
    const first = await this.trail.firstReaching(portal, time, end);
    return this.#stands(arrival, first, Math.min(end, first + NEIGHBOURS));
  }

  /** Texts of all events with its version in its stream; reads all events of the account. */
  async ofVersion(arrival: Arrival): Promise<string[]> {
    const texts: string[] = [];
    for await (const { found } of this.reader.read(arrival.portal, { account: arrival.account ?? null })) {
      for (const { event, text } of found) {
        if (event.streamVersion === arrival.version && chained(event).key === arrival.key) texts.push(text);
      }
    }
    return texts;
  }

  async #stands({ portal, source, text }: Arrival, first: number, last: number): Promise<boolean> {
    for (let number = first; number <= last; number++) {
      if (!(await this.#textsOf(portal, number)).has(text)) continue;
      this.#lastFound.set(`${portal} ${source}`, number);
      return true;
    }
    return false;
  }

  async #textsOf(portal: string, number: number): Promise<ReadonlySet<string>> {
    const key = `${portal} ${number}`;
    const known = this.#texts.get(key);
    if (known) return known;
    const entry = await this.trail.entry(portal, number);
    if (entry === undefined) return new Set();
    const texts = new Set(await this.trail.texts(portal, { number, entry }));
    this.#texts.set(key, texts);
    return texts;
  }
}
