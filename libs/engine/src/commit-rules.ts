/** What every engine asks of a commit, and says of one that is damaged. */
import { hash } from 'node:crypto';
import { type Commit, StoreDamaged, type StoredEvent } from './port.js';

/** Characters; part of the engines' keys. */
const MAX_STREAM = 512;

/** @throws TypeError a commit that the caller should not have made */
export function checkCommit({ stream, version, events }: Commit): void {
  if (stream.length > MAX_STREAM) throw new TypeError(`a stream's name of more than ${MAX_STREAM} characters`);
  if (!Number.isSafeInteger(version) || version < 1) throw new TypeError(`${version} is no version of a stream`);
  if (events.length === 0) throw new TypeError(`a commit of stream ${stream} without events`);
}

export const versionAfter = ({ version, events }: Pick<Commit, 'version' | 'events'>): number =>
  version + events.length;

export const hasItsHash = (event: StoredEvent): boolean => hash('sha256', event.body) === event.hash;

export const alteredEvent = (stream: string, version: number): StoreDamaged =>
  new StoreDamaged(`stream ${stream}, version ${version}: the stored event does not match its hash`);

export const missingCommit = (stream: string, version: number): StoreDamaged =>
  new StoreDamaged(`stream ${stream}, version ${version}: the commit is missing`);
