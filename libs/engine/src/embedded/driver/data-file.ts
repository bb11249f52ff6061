import { closeSync, fstatSync, ftruncateSync, openSync, readSync, statfsSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { StoreDamaged } from '../../port.js';
import { META_BYTES, readMeta } from '../file/pages.js';

/** What has to do with the length of LMDB's file. Numbers are bytes. */
export interface DataFile {
  /** Up to the end of the last page that a durable transaction knows. */
  used(): number;
  size(): number;
  /** Appends that many bytes, or as many as there is room for. @throws the system's error */
  grow(bytes: number): void;
  /** On the disk, for this user. */
  free(): number;
  /** Cuts off what is beyond. */
  trim(size: number): void;
  close(): void;
}

const zeros = Buffer.alloc(256 * 1024);

/**
 * Only ever appends, where the system says that the file ends: whatever LMDB writes meanwhile, before that end or
 * beyond it, stays as it is. LMDB takes a file that is longer than its last page.
 */
export function openDataFile(path: string): DataFile {
  const descriptor = openSync(path, 'a+');
  const folder = dirname(path);
  const bytes = Buffer.alloc(META_BYTES);
  const metaAt = (position: number) =>
    readMeta(bytes.subarray(0, readSync(descriptor, bytes, 0, META_BYTES, position)));
  return {
    used() {
      const first = metaAt(0);
      const second = first && metaAt(first.pageSize);
      if (second === undefined) throw new StoreDamaged(`${path} is damaged: its first pages cannot be read`);
      return (Math.max(first?.lastPage ?? 0, second.lastPage) + 1) * second.pageSize;
    },
    size: () => fstatSync(descriptor).size,
    grow(size) {
      for (let rest = size; rest > 0;) rest -= writeSync(descriptor, zeros, 0, Math.min(rest, zeros.length));
    },
    free() {
      const { bavail, bsize } = statfsSync(folder);
      return bavail * bsize;
    },
    trim(size) {
      if (fstatSync(descriptor).size > size) ftruncateSync(descriptor, size);
    },
    close: () => closeSync(descriptor),
  };
}
