import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { type Engine, type Key, type Records, StoreDamaged } from '#libs/engine/src/port.js';
import { ENGINE } from '#libs/platform/src/tokens.js';
import type { Times } from '../index/times.js';

/** Events that were taken in together, in the order in which they are told. Entries of a portal are numbered from 1 without gaps. */
export interface Entry {
  readonly size: number;
  /** Their texts, where they are few. */
  readonly texts?: readonly string[];
  /** The name under which the texts stand else, in pieces. */
  readonly pieces?: string;
  readonly times: Times;
  /** The latest time of any event up to here (milliseconds). */
  readonly newest: number;
  /** Successive entries with about so many events as are indexed together; numbered from 1. */
  readonly segment: number;
  /** Events of the segment up to here. */
  readonly count: number;
}
export type EntryHead = Omit<Entry, 'texts' | 'pieces'>;
export interface NumberedEntry {
  readonly number: number;
  readonly entry: Entry;
}

/** Texts in a piece: few enough that one of them can be read without much of the others. */
export const PIECE = 16;
/** So many stand in the entry itself: a round of a busy second is one write. */
const FEW = 2 * PIECE;

export const ENTRIES = 'entries';
export const PIECES = 'pieces';
export const BUILDS = 'builds';

/**
 * What the audit app keeps of the events, every key under its portal. The entries are the trail; they are created one after
 * the other, so that of several instances one is first. All else is made of them, and may be behind them.
 */
@Injectable()
export class Trail {
  readonly #entries: Records<Entry>;
  /** By portal, number of the entry, name, place in it. */
  readonly #pieces: Records<readonly string[]>;
  readonly #builds: Records<string>;
  #build: Promise<string> | undefined;

  constructor(@Inject(ENGINE) engine: Pick<Engine, 'records'>) {
    this.#entries = engine.records(ENTRIES);
    this.#pieces = engine.records(PIECES);
    this.#builds = engine.records(BUILDS);
  }

  /** Changes when the trail is rebuilt: its entries are then numbered anew. */
  build(): Promise<string> {
    this.#build ??= this.#findBuild().catch((error: unknown) => {
      this.#build = undefined;
      throw error;
    });
    return this.#build;
  }

  async #findBuild(): Promise<string> {
    const known = await this.#builds.get(['trail']);
    if (known !== undefined) return known;
    const made = randomUUID().slice(0, 8);
    return (await this.#builds.create(['trail'], made)) ? made : this.#findBuild();
  }

  /** False: its entries are those of another release. */
  async hasPresentForm(): Promise<boolean> {
    const [any] = await this.#entries.list({ limit: 1 });
    return any === undefined || Object.hasOwn(any.value, 'size');
  }

  /** False: another instance was first. */
  async append(portal: string, number: number, head: EntryHead, texts: readonly string[]): Promise<boolean> {
    if (texts.length <= FEW) return this.#entries.create([portal, number], { ...head, texts });
    // Under a name of their own: whoever has the entry has its texts, and nobody writes over those of another.
    const pieces = randomUUID();
    const keys: Key[] = [];
    const operations = Array.from({ length: Math.ceil(texts.length / PIECE) }, (_, index) => {
      const key = [portal, number, pieces, index];
      keys.push(key);
      return { put: key, value: texts.slice(index * PIECE, (index + 1) * PIECE) };
    });
    await this.#pieces.write(operations);
    const first = await this.#entries.create([portal, number], { ...head, pieces });
    if (!first) await this.#pieces.write(keys.map((key) => ({ delete: key })));
    return first;
  }

  /** All texts of an entry. */
  async texts(portal: string, { number, entry }: NumberedEntry): Promise<readonly string[]> {
    const { texts, size } = entry;
    if (texts) return texts;
    const count = Math.ceil(size / PIECE);
    const pieces = await Promise.all(
      Array.from({ length: count }, (_, index) => this.piece(portal, { number, entry }, index)),
    );
    return pieces.flat();
  }

  /** Those from `PIECE * index` on, `PIECE` at most. @throws StoreDamaged */
  async piece(portal: string, { number, entry }: NumberedEntry, index: number): Promise<readonly string[]> {
    if (entry.texts) return entry.texts.slice(index * PIECE, (index + 1) * PIECE);
    const found = await this.#pieces.get([portal, number, entry.pieces ?? '', index]);
    if (found === undefined) throw new StoreDamaged(`entry ${number} of the trail of ${portal} lacks texts`);
    return found;
  }

  entry(portal: string, number: number): Promise<Entry | undefined> {
    return this.#entries.get([portal, number]);
  }

  async entriesAfter(portal: string, number: number, limit: number): Promise<NumberedEntry[]> {
    const found = await this.#entries.list({ prefix: [portal], after: [portal, number], limit });
    return found.map(({ key, value }) => ({ number: Number(key[1]), entry: value }));
  }

  /** The last first. */
  async entriesBefore(portal: string, number: number, limit: number): Promise<NumberedEntry[]> {
    const found = await this.#entries.list({ prefix: [portal], after: [portal, number], limit, reverse: true });
    return found.map(({ key, value }) => ({ number: Number(key[1]), entry: value }));
  }

  async last(portal: string): Promise<NumberedEntry | null> {
    const [found] = await this.#entries.list({ prefix: [portal], reverse: true, limit: 1 });
    return found ? { number: Number(found.key[1]), entry: found.value } : null;
  }

  /** The first entry that has reached that time, `end + 1` if none has: the latest time so far only ever grows. */
  async firstReaching(portal: string, time: number, end: number): Promise<number> {
    let below = 0;
    for (let reached = end + 1; below + 1 < reached;) {
      const middle = Math.floor((below + reached) / 2);
      const entry = await this.entry(portal, middle);
      if (entry !== undefined && entry.newest < time) below = middle;
      else reached = middle;
    }
    return below + 1;
  }

  /** Every portal that has an entry, by id. */
  async *portals(): AsyncGenerator<string> {
    for (let portal = ''; ;) {
      const [next] = await this.#entries.list({ after: [portal, Number.MAX_SAFE_INTEGER], limit: 1 });
      if (next === undefined) return;
      portal = String(next.key[0]);
      yield portal;
    }
  }
}
