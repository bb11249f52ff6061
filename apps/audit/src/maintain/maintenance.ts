import type { Engine } from '#libs/engine/src/port.js';
import { type ChainBreak, ChainBreaks } from '../trail/chain-breaks.js';
import { type SeenHead, SeenHeads } from '../trail/seen-heads.js';

/**
 * Deletes the trail; the app takes it in again from the logs when it starts. The heads that were seen and the breaks that were
 * noticed stay. Only while the app is stopped. In this order, so that one that was cut off can be done again: what is
 * delivered again finds the whole trail, or nothing.
 */
export async function rebuildAudit(engine: Pick<Engine, 'records'>): Promise<void> {
  for (const name of ['positions', 'index', 'entries', 'builds']) await engine.records(name).clear();
}

/** The end of every stream that was ever seen, for comparing with the logs. */
export const auditHeads = (engine: Pick<Engine, 'records'>): AsyncIterable<SeenHead> => new SeenHeads(engine).all();

/** Every event that did not fit its chain when it arrived. */
export const auditBreaks = (engine: Pick<Engine, 'records'>): AsyncIterable<ChainBreak> =>
  new ChainBreaks(engine).all();
