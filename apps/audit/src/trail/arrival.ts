import { type RecordedEvent, type SourceApp, sourceOf } from '#libs/contracts/src/events/event.js';
import { streamOf } from '#libs/messaging/src/adoptions.js';
import type { Link } from './chain.js';
import { recordedText } from './recorded-text.js';

/** An event with what is needed to place, keep and find it. */
export interface Arrival extends Link {
  readonly id: string;
  readonly source: SourceApp;
  readonly portal: string;
  readonly account: string | undefined;
  /** Of its chain, in the source's log. */
  readonly stream: string;
  readonly type: string;
  /** Milliseconds since 1970; NaN if it is no time. */
  readonly time: number;
  readonly text: string;
}

/** @throws NotAnEvent it cannot be filed anywhere */
export function arrivalOf(event: RecordedEvent, source: SourceApp): Arrival {
  if (!canBeFiled(event, source)) throw new NotAnEvent(source);
  const { id, portal, account, type, streamVersion: version, hash, previousHash } = event;
  const { text, intact } = recordedText(event);
  const stream = streamOf(event);
  const time = Date.parse(event.time);
  return { id, source, portal, account, stream, type, time, version, hash, previousHash, text, intact };
}

/** The text of an event that was kept. */
export const kept = (text: string): RecordedEvent => JSON.parse(text) as RecordedEvent;

/** What arrived by the bus is only believed as far as keys are made of it. */
function canBeFiled(event: RecordedEvent, source: SourceApp): boolean {
  const { portal, account, type, streamVersion, hash, previousHash } = event;
  return (
    isName(portal, 63) &&
    (account === undefined || isName(account, 128)) &&
    isName(type, 128) &&
    sourceOf(type) === source &&
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
