import { Inject, Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { sourceOf } from '#libs/contracts/src/events/event.js';
import { streamOf } from '#libs/messaging/src/adoptions.js';
import type { Clock } from '#libs/platform/src/clock.js';
import { CLOCK } from '#libs/platform/src/tokens.js';
import { type Arrival, kept } from '../trail/arrival.js';
import { beginning, breaksOfPassed, placeOf } from '../trail/chain.js';
import { type ChainBreak, chainBreak, ChainBreaks } from '../trail/chain-breaks.js';
import { SeenHeads } from '../trail/seen-heads.js';
import { type Entry, Trail } from '../trail/trail.js';
import { ChainAlarm } from './chain-alarm.js';
import { type Filed, Flush, streamKey, type StreamEnd, type TrailEnd } from './flush.js';

/** Events in one entry: few enough to be read in one go. */
const ENTRY = 128;
/** Entries read at a time when another instance was first, or a crash came between an entry and its index. */
const CATCH_UP = 16;
const emptyTrail: TrailEnd = { number: 0, newest: 0, disorder: 0 };

/**
 * Takes events into the trail: each once, in the order of its stream, nothing left out. What does not fit its chain is taken
 * as well and reported. One round at a time in a process; of several processes one is first at each entry, and the others
 * take note of it before they go on.
 */
@Injectable()
export class TrailWriter {
  readonly #portals = new LRUCache<string, TrailEnd>({ max: 10_000 });
  readonly #streams = new LRUCache<string, StreamEnd>({ max: 100_000 });

  constructor(
    private readonly trail: Trail,
    private readonly heads: SeenHeads,
    private readonly breaks: ChainBreaks,
    private readonly alarm: ChainAlarm,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** All of it is durable and can be found, or it rejects and may be done again. */
  async write(arrivals: readonly Arrival[]): Promise<void> {
    const flush = new Flush();
    await Promise.all([...byPortal(arrivals)].map(([portal, list]) => this.#append(portal, list, flush)));
    for (const [portal, { number }] of flush.portals) flush.operations.push(this.trail.indexedUpTo(portal, number));
    await this.trail.writeIndex(flush.operations);
    const heads = flush.heads();
    await this.heads.keep(heads);

    for (const [portal, end] of flush.portals) this.#portals.set(portal, end);
    for (const [key, end] of flush.streams) this.#streams.set(key, end);
    for (const head of heads) {
      const { version, hash } = head;
      this.#streams.set(streamKey(head), { ...flush.endOf(head), remembered: { version, hash } });
    }
  }

  async #append(portal: string, arrivals: readonly Arrival[], flush: Flush): Promise<void> {
    let end = await this.#open(portal, flush);
    for (let start = 0; start < arrivals.length; start += ENTRY) {
      const some = arrivals.slice(start, start + ENTRY);
      for (;;) {
        await this.#lookUp(some, flush);
        const taken = await this.#judge(some, flush);
        if (taken.length === 0) break;
        const number = end.number + 1;
        const entry = entryOf(taken, end);
        if (!(await this.trail.append(portal, number, entry))) {
          end = await this.#catchUp(portal, end, flush);
          continue;
        }
        flush.index(portal, number, taken);
        flush.taken.push(...taken);
        end = { number, newest: entry.newest, disorder: entry.disorder };
        flush.portals.set(portal, end);
        break;
      }
    }
  }

  /** What is to be taken. Breaks are recorded first: rather one too many than one that a crash has hidden. */
  async #judge(arrivals: readonly Arrival[], flush: Flush): Promise<Arrival[]> {
    const ends = new Map<string, StreamEnd>();
    const taken: Arrival[] = [];
    const breaks: ChainBreak[] = [];
    for (const arrival of arrivals) {
      const key = streamKey(arrival);
      const end = ends.get(key) ?? flush.endOf(arrival);
      const { version, hash, text, intact } = arrival;
      const place = placeOf(arrival, end, end.remembered);
      let found = place.place === 'next' ? place.breaks : null;
      if (place.place === 'passed') {
        if (intact && version === end.version && hash === end.hash) continue;
        found = breaksOfPassed(text, intact, await this.#keptOf(arrival, [...flush.taken, ...taken]));
        if (found === null) continue;
      } else ends.set(key, { ...end, version, hash });
      taken.push(arrival);
      for (const kind of found ?? []) breaks.push(chainBreak(arrival, kind, end, this.clock()));
    }
    if (breaks.length > 0) this.alarm.raise(await this.breaks.keep(breaks));
    return taken;
  }

  async #keptOf(arrival: Arrival, justTaken: readonly Arrival[]): Promise<string[]> {
    const { source, portal, account, stream, version } = arrival;
    const same = (other: Arrival) => other.source === source && other.stream === stream && other.version === version;
    const justKept = justTaken.filter(same).map(({ text }) => text);
    return [...justKept, ...(await this.trail.textsOf(portal, source, account, version))];
  }

  /** Ends of the streams of these events, known to the flush afterwards. */
  async #lookUp(events: readonly Filed[], flush: Flush): Promise<void> {
    const unknown = new Map<string, Filed>();
    for (const event of events) {
      const key = streamKey(event);
      if (flush.streams.has(key)) continue;
      const end = this.#streams.get(key);
      if (end) flush.streams.set(key, end);
      else unknown.set(key, event);
    }
    await Promise.all(
      [...unknown].map(async ([key, { source, portal, account, stream }]) => {
        const [part, remembered] = await Promise.all([
          this.trail.lastPart(portal, source, account),
          this.heads.of(source, stream),
        ]);
        const { version, hash } = part ? { version: part.last, hash: part.hash } : beginning;
        flush.streams.set(key, { source, stream, version, hash, number: part?.number ?? 0, remembered });
      }),
    );
  }

  async #open(portal: string, flush: Flush): Promise<TrailEnd> {
    const known = this.#portals.get(portal);
    if (known) return known;
    const number = await this.trail.indexed(portal);
    const entry = number === 0 ? undefined : await this.trail.entry(portal, number);
    const end = entry === undefined ? emptyTrail : { number, newest: entry.newest, disorder: entry.disorder };
    return this.#catchUp(portal, end, flush);
  }

  /** Takes into the index what others, or an earlier life of this process, have appended. */
  async #catchUp(portal: string, from: TrailEnd, flush: Flush): Promise<TrailEnd> {
    let end = from;
    for (;;) {
      const entries = await this.trail.entriesAfter(portal, end.number, CATCH_UP);
      for (const { number, entry } of entries) {
        const events = entry.texts.map((text) => filed(text));
        await this.#lookUp(events, flush);
        flush.index(portal, number, events);
        end = { number, newest: entry.newest, disorder: entry.disorder };
      }
      if (entries.length > 0) {
        flush.portals.set(portal, end);
        // Written at once: what was kept of a version is looked for in the index.
        const operations = flush.operations.splice(0);
        await this.trail.writeIndex([...operations, this.trail.indexedUpTo(portal, end.number)]);
      }
      if (entries.length < CATCH_UP) return end;
    }
  }
}

function byPortal(arrivals: readonly Arrival[]): Map<string, Arrival[]> {
  const groups = new Map<string, Arrival[]>();
  for (const arrival of arrivals) {
    const group = groups.get(arrival.portal);
    if (group) group.push(arrival);
    else groups.set(arrival.portal, [arrival]);
  }
  return groups;
}

function entryOf(taken: readonly Arrival[], { newest: newestBefore, disorder }: TrailEnd): Entry {
  const times = taken.map(({ time }) => time).filter(Number.isFinite);
  const newest = Math.max(newestBefore, ...times);
  return {
    texts: taken.map(({ text }) => text),
    newest,
    disorder: Math.max(disorder, ...times.map((time) => newest - time)),
  };
}

function filed(text: string): Filed {
  const event = kept(text);
  const { portal, account, type, streamVersion: version, hash } = event;
  return { source: sourceOf(type), portal, account, stream: streamOf(event), type, version, hash };
}
