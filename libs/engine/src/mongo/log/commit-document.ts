import { hash } from 'node:crypto';
import mongoose, { type mongo } from 'mongoose';
import { alteredEvent, hasItsHash } from '../../commit-rules.js';
import { type Commit, type CommitMetadata, StoreDamaged, type StoredEvent } from '../../port.js';
import type { CommitDocument, StoredMetadata } from '../schemas.js';

/** Characters of events; MongoDB takes documents of 16 MB. */
const MAX_TEXT = 8_000_000;

/** @throws TypeError a commit that no document can hold */
export function documentOf(commit: Commit, previous: mongo.ObjectId | null): CommitDocument {
  const { stream, version, commitId, at, events, metadata } = commit;
  const _id = new mongoose.mongo.ObjectId();
  if (textOf(events) > MAX_TEXT)
    throw new TypeError(`a commit of stream ${stream} of more than ${MAX_TEXT} characters`);
  return {
    _id,
    stream,
    version,
    previous,
    commitId,
    at: new Date(at),
    events: events.map(({ name, body, hash: its }) => ({ name, body, hash: its })),
    metadata: storedMetadata(metadata),
    ...(metadata.command && { answers: answersOf(stream, metadata.command.id) }),
    pending: _id,
  };
}

export const textOf = (events: readonly StoredEvent[]): number =>
  events.reduce((characters, { body }) => characters + body.length, 0);

/** What a command of a stream is found by. Its id comes from outside and may be long. */
export const answersOf = (stream: string, commandId: string): string =>
  hash('sha256', JSON.stringify([stream, commandId]), 'base64url');

/** @throws StoreDamaged when it is not what was written */
export function commitOf(document: CommitDocument): Commit {
  const { stream, version, commitId, at, metadata } = document;
  if (!Array.isArray(document.events) || document.events.length === 0 || !(at instanceof Date)) {
    throw new StoreDamaged(`stream ${stream}, version ${version}: the stored document is no commit`);
  }
  const events = document.events.map(({ name, body, hash: its }: StoredEvent, index) => {
    const event = { name, body, hash: its };
    if (typeof body !== 'string' || !hasItsHash(event)) throw alteredEvent(stream, version + index);
    return event;
  });
  return { stream, version, commitId, at: at.getTime(), events, metadata: metadataOf(document, metadata) };
}

function storedMetadata({ command, ...rest }: CommitMetadata): StoredMetadata {
  if (command === undefined) return rest;
  const { id, digest } = command;
  const answer = JSON.stringify(command.answer) as string | undefined;
  return { ...rest, command: { id, digest, ...(answer !== undefined && { answer }) } };
}

function metadataOf({ stream, version }: CommitDocument, { command, ...rest }: StoredMetadata): CommitMetadata {
  if (command === undefined) return rest;
  const { id, digest, answer } = command;
  try {
    return {
      ...rest,
      command: { id, digest, answer: answer === undefined ? undefined : (JSON.parse(answer) as unknown) },
    };
  } catch {
    throw new StoreDamaged(`stream ${stream}, version ${version}: the recorded answer is not JSON`);
  }
}
