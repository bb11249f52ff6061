/**
 * Events on a topic: CloudEvents 1.0 by the Kafka protocol binding, binary mode (cloudevents/bindings/kafka-protocol-binding.md
 * §3.2). The value is the event's HTTP form: the bytes that were hashed, with the hash as last member.
 */
import { type RecordedEvent, recordedEvent } from '#libs/contracts/src/events/event.js';
import { contractOf } from '#libs/contracts/src/events/events.js';
import type { AppName } from '#libs/contracts/src/http/endpoint.js';
import { streamOf } from '#libs/contracts/src/stream.js';
import type { Commit } from '#libs/engine/src/port.js';
import { sha256 } from '#libs/event-store/src/canonical.js';
import { formOf, verifyEvent } from '#libs/event-store/src/commit.js';
import type { KafkaMessage, Message } from '../cluster/connection.js';

/** Larger than any event. */
export const LARGEST_BYTES = 256 * 1_024;

/** The events of a commit, one message each, in their order. @throws StoreDamaged */
export function encodeEvents(commit: Commit, source: string): Message[] {
  return commit.events.map(({ body, hash }, index) => {
    const { id, type, time, portal, account, context, streamVersion, previousHash } = formOf(commit, index);
    return {
      key: commit.stream,
      value: `${body.slice(0, -1)},"hash":"${hash}"}`,
      headers: {
        'content-type': 'application/json',
        ce_specversion: '1.0',
        ce_id: id,
        ce_type: type,
        ce_source: `/twinlock/${source}`,
        ce_time: time,
        ce_subject: commit.stream,
        ce_portal: portal,
        ...(account !== undefined && { ce_account: account }),
        ce_streamversion: `${streamVersion}`,
        ce_previoushash: previousHash,
        ce_hash: hash,
        ce_correlationid: context.correlationId,
        ...(context.traceparent !== undefined && { ce_traceparent: context.traceparent }),
      },
    };
  });
}

/** What can be told of a message before its value is looked at. */
export interface Envelope {
  readonly stream: string;
  readonly type: string;
}

/** Why a message is no event that can be handled; says nothing of its content. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
}

/** @throws Unreadable */
export function readEnvelope(message: KafkaMessage, source: string): Envelope {
  if (header(message, 'ce_specversion') !== '1.0') throw new Unreadable('is no CloudEvent 1.0');
  const stream = message.key?.toString() ?? '';
  if (stream === '') throw new Unreadable('has no key');
  const type = header(message, 'ce_type');
  if (type === undefined || !contractOf(type)) throw new Unreadable('is of an unknown type or version');
  if (!type.startsWith(`${source}.`)) throw new Unreadable('is of a type of another app');
  return { stream, type };
}

/** @throws Unreadable */
export function readEvent(message: KafkaMessage, { stream, type }: Envelope): RecordedEvent {
  const { value } = message;
  if (value === null) throw new Unreadable('has no value');
  if (value.length > LARGEST_BYTES) throw new Unreadable('is too large');
  const text = value.toString();
  const event = parse(text);
  if (event.type !== type || streamOf(event) !== stream || event.id !== header(message, 'ce_id')) {
    throw new Unreadable('says one thing in its attributes and another in its data');
  }
  if (!hasItsHash(text, event)) throw new Unreadable('does not have its hash');
  return event;
}

function parse(text: string): RecordedEvent {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Unreadable('is not JSON');
  }
  const checked = recordedEvent.safeParse(value);
  if (!checked.success) throw new Unreadable('is not the form of an event');
  return checked.data;
}

/** As we write them, bytes are checked and nothing is serialized. */
function hasItsHash(text: string, event: RecordedEvent): boolean {
  const tail = `,"hash":"${event.hash}"}`;
  return (text.endsWith(tail) && sha256(`${text.slice(0, -tail.length)}}`) === event.hash) || verifyEvent(event);
}

export function header({ headers }: KafkaMessage, name: string): string | undefined {
  const value = headers?.[name];
  return value === undefined || Array.isArray(value) ? undefined : value.toString();
}

/** Names the app that a message is sent again for: the others have had it. */
export const REPLAY_FOR = 'replay-for';

/** Whether the message is a replay for another app than this. */
export function isForAnother(message: KafkaMessage, app: AppName): boolean {
  const meant = header(message, REPLAY_FOR);
  return meant !== undefined && meant !== app;
}
