/**
 * A commit as LMDB keeps it: lines of text.
 *
 *     CRC-32 of the next line
 *     JSON: [stream, version, commitId, at, metadata, names of the events]
 *     hash of the first event
 *     body of the first event
 *     …
 *
 * Cutting lines out is several times as quick as decoding nested values, and RFC 8785 text has no line breaks.
 */
import { crc32 } from 'node:zlib';
import { alteredEvent, hasItsHash } from '../commit-rules.js';
import { StoreDamaged, type Commit, type CommitMetadata, type StoredEvent } from '../port.js';

type Header = [
  stream: string,
  version: number,
  commitId: string,
  at: number,
  metadata: CommitMetadata,
  names: string[],
];

export function encodeCommit(commit: Commit): string {
  const { stream, version, commitId, at, metadata, events } = commit;
  const names: string[] = [];
  let lines = '';
  for (const event of events) {
    if (event.body.includes('\n')) throw new TypeError(`an event body of stream ${stream} is not RFC 8785 text`);
    names.push(event.name);
    lines += `\n${event.hash}\n${event.body}`;
  }
  const header = JSON.stringify([stream, version, commitId, at, metadata, names] satisfies Header);
  return `${crc32(header)}\n${header}${lines}`;
}

/**
 * @param position of the commit in the log, for the message
 * @throws StoreDamaged when it is not what was written
 */
export function decodeCommit(text: string, position: number): Commit {
  const headerStart = text.indexOf('\n') + 1;
  let lineEnd = endOfLine(text, headerStart);
  const header = text.slice(headerStart, lineEnd);
  if (headerStart === 0 || crc32(header) !== Number(text.slice(0, headerStart - 1))) {
    throw new StoreDamaged(`the commit at position ${position} of the log does not match its checksum`);
  }
  const [stream, version, commitId, at, metadata, names] = JSON.parse(header) as Header;
  const events: StoredEvent[] = [];
  for (const name of names) {
    const hashEnd = endOfLine(text, lineEnd + 1);
    const bodyEnd = endOfLine(text, hashEnd + 1);
    const event = { name, body: text.slice(hashEnd + 1, bodyEnd), hash: text.slice(lineEnd + 1, hashEnd) };
    if (!hasItsHash(event)) throw alteredEvent(stream, version + events.length);
    events.push(event);
    lineEnd = bodyEnd;
  }
  if (lineEnd !== text.length) {
    throw new StoreDamaged(`stream ${stream}, version ${version}: the stored commit has more lines than events`);
  }
  return { stream, version, commitId, at, events, metadata };
}

function endOfLine(text: string, start: number): number {
  const end = text.indexOf('\n', start);
  return end < 0 ? text.length : end;
}
