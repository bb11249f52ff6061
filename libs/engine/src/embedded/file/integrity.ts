import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { StoreDamaged, StoreUnavailable } from '../../port.js';
import { BrokenTree, freePages, type Meta, META_BYTES, type ReadPages, readMeta } from './pages.js';
import { checkStructure } from './structure.js';

export const RESTORE = 'Restore it from a backup.';

/**
 * Whether LMDB can be let loose on a data file. LMDB maps it into memory and trusts it: a file that was cut off would
 * end the process by SIGBUS, a page that was overwritten by SIGABRT or SIGSEGV.
 * @param whole also each page, not only the length: about a second per GB; nobody may write the file at the same time
 * @returns whether there is a file
 * @throws StoreDamaged
 */
export function checkDataFile(file: string, { whole }: { whole: boolean }): boolean {
  const descriptor = openToRead(file);
  if (descriptor === undefined) return false;
  const steps = checking(file, descriptor, whole);
  while (steps.next().done !== true);
  return true;
}

/**
 * The whole of it while LMDB serves from the file, a little at a time. A read transaction has to be open that is the newest
 * when this is called, and to stay so to the end: what it sees is checked, and nobody writes over that meanwhile.
 * @throws StoreDamaged
 */
export async function checkDataFileGradually(file: string, signal: AbortSignal): Promise<void> {
  const descriptor = openToRead(file);
  if (descriptor === undefined) return;
  const steps = checking(file, descriptor, true);
  while (steps.next().done !== true) {
    await nextTurn();
    if (signal.aborted) steps.return(undefined);
  }
}

function openToRead(file: string): number | undefined {
  try {
    return openSync(file, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new StoreUnavailable(`${file} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

/** Closes the descriptor at its end. Which transaction is the newest is read in the first step. */
function* checking(file: string, descriptor: number, whole: boolean): Generator<void> {
  try {
    const { size } = fstatSync(descriptor);
    if (size === 0) throw new StoreDamaged(`${file} is empty. If it never held data, delete it.`);
    const meta = newestMeta(file, descriptor);
    const pagesThere = Math.floor(size / meta.pageSize);
    const read = reader(descriptor, meta.pageSize, pagesThere);
    if (pagesMissing(meta, pagesThere, read) > 0) {
      const expected = (meta.lastPage + 1) * meta.pageSize;
      throw new StoreDamaged(
        `${file} is cut off: ${size} bytes, where the last transaction left ${expected}. ${RESTORE}`,
      );
    }
    if (whole) yield* checkStructure(meta, pagesThere, read);
  } catch (error) {
    if (!(error instanceof BrokenTree)) throw error;
    throw new StoreDamaged(`${file} is damaged: its pages do not fit together. ${RESTORE}`, { cause: error });
  } finally {
    closeSync(descriptor);
  }
}

function newestMeta(file: string, descriptor: number): Meta {
  const metaAt = (position: number): Meta => {
    const bytes = Buffer.alloc(META_BYTES);
    const meta = readMeta(bytes.subarray(0, readSync(descriptor, bytes, 0, META_BYTES, position)));
    if (meta === undefined) {
      throw new StoreDamaged(
        `${file} is no LMDB data file of this release, or its first pages are damaged. ${RESTORE}`,
      );
    }
    return meta;
  };
  const first = metaAt(0);
  const second = metaAt(first.pageSize);
  return second.transaction > first.transaction ? second : first;
}

function reader(descriptor: number, pageSize: number, pagesThere: number): ReadPages {
  return (first, count) => {
    if (first + count > pagesThere) return undefined;
    const pages = Buffer.allocUnsafe(count * pageSize);
    return readSync(descriptor, pages, 0, pages.length, first * pageSize) === pages.length ? pages : undefined;
  };
}

/** Pages that a transaction takes and lets go of are not written: then the last ones are listed as free, and none is missing. */
function pagesMissing(meta: Meta, pagesThere: number, read: ReadPages): number {
  const needed = meta.lastPage + 1;
  let missing = needed - pagesThere;
  const { root } = meta.free;
  if (missing <= 0 || root === undefined || root >= pagesThere) return missing;
  for (const { first, count } of freePages(root, read)) {
    missing -= Math.max(0, Math.min(first + count, needed) - Math.max(first, pagesThere));
  }
  return missing;
}
