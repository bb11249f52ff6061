import { createHash } from 'node:crypto';
import { appOf } from '#libs/contracts/src/events/event.js';
import type { ReadableEvent } from '#libs/contracts/src/events/readable.js';

const beforeTheFirst = '0'.repeat(64);

/** What a chain is at: the last event of a stream. */
export interface Head {
  readonly version: number;
  readonly hash: string;
}

/** `changed`: it does not have its hash. `missing`: one or more before it did not come. `not-chained`: another came before it. */
export type ChainFault = 'unreadable' | 'changed' | 'missing' | 'not-chained';

const faults: Record<ChainFault, string> = {
  unreadable: 'is not an event',
  changed: 'does not have its hash: it was changed',
  missing: 'does not follow the last event of its stream: at least one is missing',
  'not-chained': 'is not chained to the last event of its stream: one of the two was changed',
};

/** The events of a stream are not as they were recorded. Nothing of the event was handled. */
export class BrokenChainError extends Error {
  override readonly name = 'BrokenChainError';
  constructor(
    readonly fault: ChainFault,
    /** Topic, partition and offset, or the id in the stream of Server-Sent Events. */
    readonly place: string,
    readonly event?: Pick<ReadableEvent, 'id' | 'type' | 'portal' | 'account' | 'streamVersion'>,
  ) {
    const what = event ? `event ${event.id}, version ${event.streamVersion} of ${streamOf(event)},` : 'what was read';
    super(`${what} ${faults[fault]} (at ${place})`);
  }
}

/** The stream in whose chain it stands: `two-factor:demo/ACCOUNT`, or `admin-policy:demo/` of the portal. */
export const streamOf = ({ type, portal, account }: Pick<ReadableEvent, 'type' | 'portal' | 'account'>): string =>
  `${appOf(type)}:${portal}/${account ?? ''}`;

/** RFC 8785, of what JSON.parse gives: members sorted by UTF-16 code units, numbers and strings as ECMAScript writes them. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  members.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join(',')}}`;
}

/** SHA-256 (hex) of the RFC 8785 form of an event without `hash` and without `plain`, as whoever recorded it made it. */
export const hashOf = ({ hash: _, plain: __, ...hashed }: ReadableEvent): string =>
  createHash('sha256').update(canonical(hashed)).digest('hex');

/** @throws BrokenChainError `unreadable` */
export function eventFrom(text: string, place: string): ReadableEvent {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new BrokenChainError('unreadable', place);
  }
  if (!isEvent(value)) throw new BrokenChainError('unreadable', place);
  return value;
}

const texts = ['id', 'type', 'time', 'portal', 'previousHash', 'hash'] as const;
function isEvent(value: unknown): value is ReadableEvent {
  if (typeof value !== 'object' || value === null) return false;
  const event = value as Partial<ReadableEvent>;
  const objects = [event.actor, event.context, event.data];
  return (
    texts.every((name) => typeof event[name] === 'string') &&
    (event.account === undefined || typeof event.account === 'string') &&
    Number.isSafeInteger(event.streamVersion) &&
    objects.every((member) => typeof member === 'object' && member !== null)
  );
}

/**
 * What is to come of a stream: every event from the first on; every event from one of them on; some.
 */
export type Coverage = 'all' | 'later' | 'some';

/**
 * Whether the event is the next of its stream; false: it was had before.
 * @param head of the stream; undefined: none of it was had
 * @throws BrokenChainError
 */
export function isNext(event: ReadableEvent, head: Head | undefined, coverage: Coverage, place: string): boolean {
  const fault = (why: ChainFault) => new BrokenChainError(why, place, event);
  if (event.hash !== hashOf(event)) throw fault('changed');
  const { version, hash } = head ?? { version: 0, hash: beforeTheFirst };
  if (event.streamVersion < version) return false;
  if (event.streamVersion === version) {
    if (event.hash !== hash) throw fault('not-chained');
    return false;
  }
  const follows = event.streamVersion === version + 1;
  if (!follows && (head ? coverage !== 'some' : coverage === 'all')) throw fault('missing');
  if (follows && event.previousHash !== hash) throw fault('not-chained');
  return true;
}

export const headOf = ({ streamVersion, hash }: ReadableEvent): Head => ({ version: streamVersion, hash });
export const writeHead = ({ version, hash }: Head): string => `${version}.${hash}`;
/** @throws TypeError */
export function readHead(text: string): Head {
  const [, version, hash] = /^(\d{1,15})\.([0-9a-f]{64})$/.exec(text) ?? [];
  if (hash === undefined) throw new TypeError('a position was not kept as it was saved');
  return { version: Number(version), hash };
}
