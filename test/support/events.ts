import { createHash } from 'node:crypto';
import { adminPolicyEvents } from '#libs/contracts/src/events/admin-policy.js';
import type { RecordedEvent } from '#libs/contracts/src/events/event.js';
import type { ReadableEvent } from '#libs/contracts/src/events/readable.js';
import { identityEvents } from '#libs/contracts/src/events/identity.js';
import { twoFactorEvents } from '#libs/contracts/src/events/two-factor.js';

const contracts = { ...identityEvents, ...twoFactorEvents, ...adminPolicyEvents };
/** As the log names it: `AttemptFailed`. */
export type EventName = keyof typeof contracts;

/** On the wire: `two-factor.attempt-failed.v1` of `AttemptFailed`. */
export const typeOf = (name: EventName): string => contracts[name].type;

/** RFC 8785: members sorted by UTF-16 code units; numbers and strings as ECMAScript writes them. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  members.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join(',')}}`;
}

/** Over what was recorded: what HTTP adds is not hashed. */
export const hashOf = ({ hash: _, plain: __, ...form }: ReadableEvent): string =>
  createHash('sha256').update(canonical(form)).digest('hex');

/** Without what HTTP adds to it. */
export const asRecorded = ({ plain: _, ...event }: ReadableEvent): RecordedEvent => event;

/** The stream an event stands in: one app's, of one portal or account. */
export const streamOf = ({ type, portal, account }: RecordedEvent): string =>
  `${type.slice(0, type.indexOf('.'))}:${portal}/${account ?? ''}`;

/** Throws unless each stream is whole: versions from 1 without a gap, each event once, the chain of hashes unbroken, time never going back. */
export function checkStreams(events: readonly RecordedEvent[]): void {
  const last = new Map<string, RecordedEvent>();
  const ids = new Set<string>();
  for (const event of events) {
    const stream = streamOf(event);
    const before = last.get(stream);
    const fail = (why: string) => new Error(`${stream} at version ${event.streamVersion}: ${why}`);
    if (ids.has(event.id)) throw fail('an event id for the second time');
    if (event.streamVersion !== (before?.streamVersion ?? 0) + 1)
      throw fail(`follows version ${before?.streamVersion ?? 0}`);
    if (event.previousHash !== (before?.hash ?? '0'.repeat(64))) throw fail('not chained to the event before');
    if (event.hash !== hashOf(event)) throw fail('not its own hash');
    if (before && event.time < before.time) throw fail('older than the event before');
    ids.add(event.id);
    last.set(stream, event);
  }
}

export const ofType = (events: readonly RecordedEvent[], type: EventName): RecordedEvent[] =>
  events.filter((event) => shortType(event) === type);

/**
 * Throws unless the oldest come first: an event may be behind by the second that it may take to be readable, no more.
 * @param waitedMs how much longer it takes on a machine at work
 */
export function checkOldestFirst(events: readonly RecordedEvent[], waitedMs: number): void {
  let latest = 0;
  for (const { id, time } of events) {
    if (Date.parse(time) < latest - 1_000 - waitedMs)
      throw new Error(`event ${id} of ${time} comes after one of ${new Date(latest).toISOString()}`);
    latest = Math.max(latest, Date.parse(time));
  }
}

/** By stream and version, for comparing: the order of events of different streams is no promise. */
export const byStream = (events: readonly RecordedEvent[]): RecordedEvent[] =>
  [...events].sort((a, b) => streamOf(a).localeCompare(streamOf(b)) || a.streamVersion - b.streamVersion);

/** `AttemptFailed` of `two-factor.attempt-failed.v1`: easier to read in a test. */
export const shortType = ({ type }: Pick<RecordedEvent, 'type'>): EventName =>
  (type.split('.')[1] ?? '').replace(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase()) as EventName;

/** A live stream of events (Server-Sent Events). */
export class EventStream {
  private constructor(
    private readonly parts: AsyncIterable<string>,
    private readonly hangUp: AbortController,
  ) {}

  /** Resolves when the stream is open. With `lastEventId` it goes on after that event. */
  static async open(url: string, token: string, lastEventId?: string): Promise<EventStream> {
    const hangUp = new AbortController();
    const headers = {
      authorization: `Bearer ${token}`,
      accept: 'text/event-stream',
      ...(lastEventId !== undefined && { 'last-event-id': lastEventId }),
    };
    const response = await fetch(url, { headers, signal: hangUp.signal });
    if (response.status !== 200 || !response.body)
      throw new Error(`answered ${response.status} ${await response.text()}`);
    const type = response.headers.get('content-type') ?? '';
    if (!type.startsWith('text/event-stream')) throw new Error(`an event stream of type ${type}`);
    return new EventStream(response.body.pipeThrough(new TextDecoderStream()), hangUp);
  }

  /** Reads until `enough` says so, then hangs up. Each event's id stands beside its HTTP form. */
  async until(enough: (event: RecordedEvent) => boolean): Promise<{ ids: string[]; events: RecordedEvent[] }> {
    const patience = setTimeout(() => this.hangUp.abort(new Error('the event did not come within 10 seconds')), 10_000);
    const [ids, events]: [string[], RecordedEvent[]] = [[], []];
    let rest = '';
    try {
      for await (const part of this.parts) {
        const blocks = (rest + part).split('\n\n');
        rest = blocks.pop() ?? '';
        for (const block of blocks) {
          const fields = new Map(block.split('\n').map((line): [string, string] => split(line)));
          const data = fields.get('data');
          if (data === undefined) continue;
          const event = JSON.parse(data) as RecordedEvent;
          ids.push(fields.get('id') ?? '');
          events.push(event);
          if (enough(event)) return { ids, events };
        }
      }
      throw new Error(`the stream ended after ${events.length} events`);
    } finally {
      clearTimeout(patience);
      this.hangUp.abort();
    }
  }
}

const split = (line: string): [string, string] => {
  const colon = line.indexOf(':');
  return colon < 0 ? [line, ''] : [line.slice(0, colon), line.slice(colon + 1).replace(/^ /, '')];
};
