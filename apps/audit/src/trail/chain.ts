import { NO_HASH } from '#libs/event-store/src/commit.js';

/** Where a stream ends, as far as it was seen. */
export interface ChainEnd {
  readonly version: number;
  readonly hash: string;
}
export const beginning: ChainEnd = { version: 0, hash: NO_HASH };

/** An event as a link of its stream's chain. */
export interface Link extends ChainEnd {
  readonly previousHash: string;
  readonly intact: boolean;
}

export type Break =
  /** The event does not have its hash. */
  | 'altered'
  /** Events before it have not arrived. */
  | 'missing'
  /** It names another hash than that of the event before it. */
  | 'chain-broken'
  /** Another event has its version already. */
  | 'forked'
  /** It fills a gap that was noticed before: it arrived out of order. */
  | 'late'
  /** Before a rebuild another event was seen with that version. */
  | 'rewritten';

export type Place =
  /** It moves the end of the stream to itself, with or without breaks: what follows is judged by it. */
  | { readonly place: 'next'; readonly breaks: readonly Break[] }
  /** Its version was passed: it is known, or it is a break. Only what was kept of that version can tell. */
  | { readonly place: 'passed' };

/** `remembered`: an end of the stream that was seen before the trail was rebuilt. */
export function placeOf(link: Link, end: ChainEnd, remembered: ChainEnd | null): Place {
  if (link.version <= end.version) return { place: 'passed' };
  const breaks: Break[] = [];
  if (!link.intact) breaks.push('altered');
  if (link.version > end.version + 1) breaks.push('missing');
  else if (link.previousHash !== end.hash) breaks.push('chain-broken');
  if (remembered?.version === link.version && remembered.hash !== link.hash) breaks.push('rewritten');
  return { place: 'next', breaks };
}

/** Of an event whose version was passed; `kept` are the texts of that version. Null: it is one of them, delivered again. */
export function breaksOfPassed(text: string, intact: boolean, kept: readonly string[]): readonly Break[] | null {
  if (kept.includes(text)) return null;
  const break_ = kept.length === 0 ? 'late' : 'forked';
  return intact ? [break_] : ['altered', break_];
}
