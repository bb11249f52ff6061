import type { Engine } from '#libs/engine/src/port.js';
import { POSITIONS } from '#libs/messaging/src/collections.js';
import { IDS, INDEX, INDEXED, SEGMENTS, SPANS } from '../index/segment-index.js';
import { type StreamHead, chained, chainKey, kept } from '../trail/arrival.js';
import { type ChainBreak, ChainBreaks } from '../trail/chain-breaks.js';
import { CHECKPOINTS, SeenHeads } from '../trail/seen-heads.js';
import { BUILDS, ENTRIES, PIECES, Trail } from '../trail/trail.js';

/**
 * In this order, so that one that was cut off can be done again, or left: what is delivered again finds the whole trail,
 * whose ends it then reads from its entries, or nothing.
 */
const projections = [POSITIONS, CHECKPOINTS, BUILDS, INDEXED, INDEX, SEGMENTS, SPANS, IDS, ENTRIES, PIECES];
const PAGE = 16;

/**
 * Deletes the trail; the app takes it in again from the logs when it starts. The heads that were seen and the breaks that were
 * noticed stay. Only while the app is stopped.
 */
export async function rebuildAudit(engine: Pick<Engine, 'records'>): Promise<void> {
  // Ends that stand in the trail alone would be forgotten with it.
  const trail = new Trail(engine);
  const heads = new SeenHeads(engine);
  const build = await trail.build();
  for (const end of (await aheadOfHeads(trail, heads)).values()) {
    const { version, remembered } = await heads.of(end, build);
    if (end.version > version) await heads.keep([{ ...end, remembered }], build);
  }
  for (const name of projections) await engine.records(name).clear();
}

/** The end of every stream that was ever seen, for comparing with the logs. */
export async function* auditHeads(engine: Pick<Engine, 'records'>): AsyncGenerator<StreamHead> {
  const heads = new SeenHeads(engine);
  const ahead = await aheadOfHeads(new Trail(engine), heads);
  for await (const head of heads.all()) {
    const key = chainKey(head);
    const end = ahead.get(key);
    ahead.delete(key);
    yield end !== undefined && end.version > head.version ? end : head;
  }
  yield* ahead.values();
}

/** Every event that broke its hash chain when it arrived. */
export const auditBreaks = (engine: Pick<Engine, 'records'>): AsyncIterable<ChainBreak> =>
  new ChainBreaks(engine).all();

/** Ends of streams that have moved since they were last kept. */
async function aheadOfHeads(trail: Trail, heads: SeenHeads): Promise<Map<string, StreamHead>> {
  const ends = new Map<string, StreamHead>();
  for await (const portal of trail.portals()) {
    for (let number = await heads.checkpoint(portal); ;) {
      const entries = await trail.entriesAfter(portal, number, PAGE);
      const texts = await Promise.all(entries.map((each) => trail.texts(portal, each)));
      for (const text of texts.flat()) {
        const { key, source, stream, version, hash } = chained(kept(text));
        if (version > (ends.get(key)?.version ?? 0)) ends.set(key, { source, stream, version, hash });
      }
      number = entries.at(-1)?.number ?? number;
      if (entries.length < PAGE) break;
    }
  }
  return ends;
}
