/**
 * A commit as LMDB keeps it: lines of text.
 *
 *     CRC-32 of the next line, hex
 *     JSON: [stream, version, commitId, at, metadata, names of the events]
 *     hash of the first event
 *     body of the first event
 *     …
 *
 * Splitting lines is several times as quick as any decoder of nested values, and RFC 8785 text has no line breaks.
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
  return crc32(header).toString(16) + '\n' + header + lines;
}

/**
 * @param position of the commit in the log, for the message
 * @throws StoreDamaged when it is not what was written
 */
export function decodeCommit(text: string, position: number): Commit {
  const lines = text.split('\n');
  const [stream, version, commitId, at, metadata, names] = decodeHeader(lines, position);
  const events: StoredEvent[] = [];
  for (let i = 0; i < names.length; i++) {
    const event = { name: names[i] ?? '', body: lines[3 + 2 * i] ?? '', hash: lines[2 + 2 * i] ?? '' };
    if (!hasItsHash(event)) throw alteredEvent(stream, version + i);
    events.push(event);
  }
  if (lines.length !== 2 + 2 * names.length) {
    throw new StoreDamaged(`stream ${stream}, version ${version}: the stored commit has more lines than events`);
  }
  return { stream, version, commitId, at, events, metadata };
}

function decodeHeader(lines: readonly string[], position: number): Header {
  const [checksum, header] = lines;
  if (checksum === undefined || header === undefined || crc32(header) !== Number.parseInt(checksum, 16)) {
    throw new StoreDamaged(`the commit at position ${position} of the log does not match its checksum`);
  }
  return JSON.parse(header) as Header;
}
