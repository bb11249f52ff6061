import { type RecordedEvent, type SourceApp, appOf } from '#libs/contracts/src/events/event.js';
import { streamOf } from '#libs/contracts/src/stream.js';
import { termsOf } from '../index/terms.js';
import type { ChainEnd, Link } from './chain.js';
import { recordedText } from './recorded-text.js';

/** The chain that an event belongs to: a stream of one app's log. */
export interface Chain {
  readonly source: SourceApp;
  readonly stream: string;
}
/** One key for one chain. */
export const chainKey = ({ source, stream }: Chain): string => `${source} ${stream}`;

export interface StreamHead extends Chain, ChainEnd {}

/** An event as a part of its chain, and what it is looked up by. */
export interface Chained extends StreamHead {
  readonly key: string;
  readonly id: string;
  readonly terms: readonly number[];
  /** Milliseconds since 1970; NaN if it is no time. */
  readonly time: number;
}

/** An event with what is needed to place and keep it. */
export interface Arrival extends Chained, Link {
  readonly portal: string;
  readonly account: string | undefined;
  readonly text: string;
}

/** @throws NotAnEvent it cannot be filed anywhere */
export function arrivalOf(event: RecordedEvent, source: SourceApp): Arrival {
  if (!canBeFiled(event, source)) throw new NotAnEvent(source);
  const { portal, account, previousHash } = event;
  const { id, key, stream, terms, time, version, hash } = chained(event);
  const { text, intact } = recordedText(event);
  return { id, key, source, stream, terms, time, version, hash, portal, account, previousHash, text, intact };
}

/** The event of a text that was kept. */
export const kept = (text: string): RecordedEvent => JSON.parse(text) as RecordedEvent;

export function chained(event: RecordedEvent): Chained {
  const { id, type, streamVersion: version, hash } = event;
  const [source, stream, time] = [appOf(type), streamOf(event), Date.parse(event.time)];
  return { source, stream, key: chainKey({ source, stream }), id, terms: termsOf(event), time, version, hash };
}

/** What arrived by the bus is only believed as far as keys are made of it. */
function canBeFiled(event: RecordedEvent, source: SourceApp): boolean {
  const { portal, account, type, streamVersion, hash, previousHash } = event;
  return (
    isName(portal, 63) &&
    (account === undefined || isName(account, 128)) &&
    isName(type, 128) &&
    appOf(type) === source &&
    Number.isSafeInteger(streamVersion) &&
    streamVersion > 0 &&
    typeof hash === 'string' &&
    typeof previousHash === 'string'
  );
}

const isName = (value: unknown, most: number): boolean =>
  typeof value === 'string' && value.length <= most && /^[\w.:-]+$/.test(value);

/** Becomes a dead letter. Says nothing of its content. */
export class NotAnEvent extends Error {
  override readonly name = 'NotAnEvent';
  constructor(source: SourceApp) {
    super(`what came from ${source} is no recorded event of it`);
  }
}
