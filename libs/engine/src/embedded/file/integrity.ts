import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { StoreDamaged, StoreUnavailable } from '../../port.js';
import { BrokenTree, freePages, type Meta, META_BYTES, type ReadPages, readMeta } from './pages.js';

/**
 * LMDB maps the file into memory: a page beyond the end of a file that was cut off ends the process by SIGBUS. So the
 * length is compared with what the newest transaction says before LMDB sees the file.
 * @throws StoreDamaged it is cut off, or no data file
 * @returns whether there is a file
 */
export function checkDataFile(file: string): boolean {
  let descriptor: number;
  try {
    descriptor = openSync(file, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw new StoreUnavailable(`${file} cannot be read: ${(error as Error).message}`, { cause: error });
  }
  try {
    checkLength(file, descriptor);
    return true;
  } catch (error) {
    if (error instanceof RangeError || error instanceof BrokenTree) {
      throw new StoreDamaged(`${file} is damaged: its list of free pages cannot be read`, { cause: error });
    }
    throw error;
  } finally {
    closeSync(descriptor);
  }
}

function checkLength(file: string, descriptor: number): void {
  const { size } = fstatSync(descriptor);
  const meta = newestMeta(file, descriptor, size);
  const pagesThere = Math.floor(size / meta.pageSize);
  const pagesNeeded = meta.lastPage + 1;
  if (pagesThere >= pagesNeeded) return;

  // The last pages are not written when the transaction that took them let go of them: then they are listed as free.
  const read: ReadPages = (first, count) => {
    if (first + count > pagesThere) return undefined;
    const pages = Buffer.alloc(count * meta.pageSize);
    readSync(descriptor, pages, 0, pages.length, first * meta.pageSize);
    return pages;
  };
  let missing = pagesNeeded - pagesThere;
  const { freeRoot } = meta;
  if (freeRoot !== undefined && freeRoot < pagesThere) {
    for (const { first, count } of freePages(freeRoot, read)) {
      missing -= Math.max(0, Math.min(first + count, pagesNeeded) - Math.max(first, pagesThere));
    }
  }
  if (missing > 0) {
    throw new StoreDamaged(
      `${file} is cut off: ${size} bytes, where the last transaction left ${pagesNeeded * meta.pageSize}. ` +
        'Restore it from a backup.',
    );
  }
}

function newestMeta(file: string, descriptor: number, size: number): Meta {
  if (size === 0) throw new StoreDamaged(`${file} is empty. If it never held data, delete it.`);
  const metaAt = (position: number): Meta => {
    const bytes = Buffer.alloc(META_BYTES);
    const length = readSync(descriptor, bytes, 0, META_BYTES, position);
    const meta = readMeta(bytes.subarray(0, length));
    if (meta === undefined || meta.pageSize < 512 || meta.pageSize > 65_536) {
      throw new StoreDamaged(`${file} is no LMDB data file of this release, or its first pages are damaged`);
    }
    return meta;
  };
  const first = metaAt(0);
  const second = metaAt(first.pageSize);
  return second.transaction > first.transaction ? second : first;
}
