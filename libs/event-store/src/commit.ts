import type { Personal, RecordedEvent, SealedText } from '#libs/contracts/src/events/event.js';
import { partsOf } from '#libs/contracts/src/stream.js';
import type { Context } from '#libs/contracts/src/context.js';
import { type Commit, type CommitMetadata, type Head, StoreDamaged, type StoredEvent } from '#libs/engine/src/port.js';
import { canonical, sha256 } from './canonical.js';
import type { DomainEvent, Fold } from './decision.js';
import { InvalidEvent, issuesOf } from './invalid-event.js';
import { eventIdOf, type SealedEvent } from './sealing.js';

/** What a stream's first event names as the hash before it. */
export const NO_HASH = '0'.repeat(64);

/** The hashed form of an event: what anyone sees of it, without `hash`. */
export type EventForm = Omit<RecordedEvent, 'hash'>;

export interface CommitParts<Event extends DomainEvent> {
  readonly fold: Pick<Fold<never, Event>, 'contracts'>;
  /** `portal/account`, or `portal` alone. */
  readonly stream: string;
  readonly commitId: string;
  /** Whole milliseconds since 1970. */
  readonly at: number;
  readonly context: Context;
  readonly events: readonly SealedEvent<Event>[];
  /** Recorded beside `context.command`, for the command's next delivery. */
  readonly answer?: unknown;
}

/**
 * The commit that follows `head` (null: the stream is empty).
 * @throws InvalidEvent an event that the contracts do not know, or whose data they refuse
 */
export function encodeCommit<Event extends DomainEvent>(head: Head | null, parts: CommitParts<Event>): Commit {
  const { stream, commitId, at, context } = parts;
  const of = partsOf(stream);
  // The keys of the form in the order of RFC 8785: only what is nested has to be sorted, for a third of the time.
  const account = of.account === undefined ? '' : `"account":${canonical(of.account)},`;
  const actor = `"actor":${canonical(context.actor)}`;
  const whence = `"context":${contextText(context)}`;
  const portal = `"portal":${canonical(of.portal)}`;
  const time = `"time":"${timeOf(at)}"`;
  const version = (head?.version ?? 0) + 1;

  const events: StoredEvent[] = [];
  let previousHash = head?.hash ?? NO_HASH;
  for (const event of parts.events) {
    const { type: name, data } = event;
    const id = canonical(eventIdOf(commitId, events.length));
    const type = wireTypeOf(parts.fold, name, data);
    const body =
      `{${account}${actor},${whence},"data":${canonical(data)},"id":${id},${personalOf(event)}${portal},"previousHash":"${previousHash}",` +
      `"streamVersion":${version + events.length},${time},"type":"${type}"}`;
    previousHash = sha256(body);
    events.push({ name, body, hash: previousHash });
  }
  return { stream, version, commitId, at, events, metadata: metadataOf(context, parts.answer) };
}

/** RFC 8785: in this order, and strings as `JSON.stringify` writes them. */
function contextText({ causationId, challengeId, correlationId, entrance, sessionId, traceparent }: Context): string {
  let text = '{';
  if (causationId !== undefined) text += `"causationId":${canonical(causationId)},`;
  if (challengeId !== undefined) text += `"challengeId":${canonical(challengeId)},`;
  text += `"correlationId":${canonical(correlationId)},"entrance":"${entrance}"`;
  if (sessionId !== undefined) text += `,"sessionId":${canonical(sessionId)}`;
  if (traceparent !== undefined) text += `,"traceparent":"${traceparent}"`;
  return `${text}}`;
}

/** RFC 3339, in UTC, with milliseconds. */
export const timeOf = (at: number): string => new Date(at).toISOString();

function wireTypeOf({ contracts }: Pick<Fold<never, never>, 'contracts'>, name: string, data: object): string {
  const contract = Object.hasOwn(contracts, name) ? contracts[name] : undefined;
  if (contract === undefined) throw new InvalidEvent(name, 'no contract has this name');
  const checked = contract.schema.safeParse(data);
  if (checked.success) return contract.type;
  throw new InvalidEvent(name, issuesOf(checked.error));
}

/** With a comma after it; nothing in it needs to be escaped but key ids. */
function personalOf({ person, origin }: Personal): string {
  if (person === undefined && origin === undefined) return '';
  const ofOrigin = origin === undefined ? '' : `"origin":${textOf(origin)}`;
  const ofPerson = person === undefined ? '' : `"person":${textOf(person)}`;
  return `"personal":{${ofOrigin}${ofOrigin && ofPerson && ','}${ofPerson}},`;
}
const textOf = ({ kid, ciphertext }: SealedText): string => `{"ciphertext":"${ciphertext}","kid":${canonical(kid)}}`;

const metadataOf = ({ command }: Context, answer: unknown): CommitMetadata =>
  command === undefined ? {} : { command: { id: command.id, digest: command.digest, answer } };

/** The events as HTTP and the bus show them, parsed from the stored bytes; nothing is serialized again. @throws StoreDamaged */
export const recordedEvents = (commit: Commit): RecordedEvent[] =>
  commit.events.map((event, index) => ({ ...formOf(commit, index), hash: event.hash }));

/** The stored bytes of one event, parsed. @throws StoreDamaged */
export function formOf({ stream, version, events }: Commit, index: number): EventForm {
  try {
    const form = JSON.parse(events[index]?.body ?? '') as EventForm | null;
    if (typeof form?.data === 'object' && form.data !== null) return form;
  } catch {
    // told below, without the parser's message: it would quote the text
  }
  throw new StoreDamaged(`stream ${stream}: event ${version + index} is not the form of an event`);
}

/** The hash that an event's form must have; a `hash` member in it is left out. */
export function hashOfForm(form: EventForm | RecordedEvent): string {
  const hashed: EventForm & { hash?: string } = { ...form };
  delete hashed.hash;
  return sha256(canonical(hashed));
}

/** Whether the event is what was recorded, as far as it can tell alone. */
export function verifyEvent(event: RecordedEvent): boolean {
  try {
    return hashOfForm(event) === event.hash;
  } catch {
    return false;
  }
}

/** Whether the event is the next of the stream after `head` (null: its first). */
export const follows = (form: EventForm, head: Head | null): boolean =>
  form.streamVersion === (head?.version ?? 0) + 1 && form.previousHash === (head?.hash ?? NO_HASH);
