import { execFile } from 'node:child_process';
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import type * as lmdb from 'lmdb';
import { StoreDamaged, StoreUnavailable } from '../../port.js';

export const RESTORE = 'Restore it from a backup.';

/** What LMDB ends a process by when it meets a page that is missing or was overwritten. */
const DEADLY = ['SIGBUS', 'SIGSEGV', 'SIGABRT'];

/** LMDB's codes that tell nothing of the file: no reader slot, no thread-local storage, a map that another has resized. */
const PASSING = [-30790, -30789, -30785];

/** Exit code of the process that found damage. */
const DAMAGED = 3;

/**
 * Has LMDB read a data file in a process of its own, since LMDB trusts what it reads and may end the process. Others may write
 * the file meanwhile. Takes a tenth of a second, and about two seconds per GB.
 * @throws StoreDamaged
 * @throws StoreUnavailable it could not be read, for another reason
 */
export async function checkDataFile(file: string): Promise<void> {
  if (statSync(file).size === 0) throw new StoreDamaged(`${file} is empty. If it never held data, delete it.`);
  const driver = pathToFileURL(createRequire(import.meta.url).resolve('lmdb')).href;
  const script = `(${readAll.toString()})(...${JSON.stringify([driver, file, DAMAGED, PASSING])})`;
  const { LD_LIBRARY_PATH } = process.env;
  await new Promise<void>((resolve, reject) => {
    execFile(process.execPath, ['-e', script], { env: { LD_LIBRARY_PATH } }, (error, stdout, stderr) => {
      if (error === null) return resolve();
      if (error.code === DAMAGED || DEADLY.includes(error.signal ?? '')) {
        const found = stdout === '' ? 'its pages do not fit together' : stdout;
        return reject(new StoreDamaged(`${file} is damaged: ${found}. ${RESTORE}`));
      }
      const reason = stderr === '' ? String(error.signal ?? error.code) : stderr.split('\n', 1)[0];
      reject(new StoreUnavailable(`${file} cannot be checked: ${reason}`));
    });
  });
}

/** Runs elsewhere, by its text alone. Damage is told on stdout, what keeps it from reading on stderr. */
async function readAll(driver: string, file: string, damaged: number, passing: readonly number[]): Promise<void> {
  class Contradiction extends Error {}
  const { open } = (await import(driver)) as typeof lmdb;
  const fs = await import('node:fs');
  try {
    const env = open({ path: file, noSubdir: true, readOnly: true, maxDbs: 64 });
    const { lastPageNumber, pageSize } = env.getStats() as { lastPageNumber: number; pageSize: number };
    const [{ size }, used] = [fs.statSync(file), (lastPageNumber + 1) * pageSize];
    if (size < used) throw new Contradiction(`it is cut off: ${size} bytes, where the last transaction left ${used}`);
    for (const name of [...env.getKeys()]) {
      const collection = env.openDB<Buffer, Buffer>(String(name), { encoding: 'binary', keyEncoding: 'binary' });
      let entries = 0;
      let before: Buffer = Buffer.alloc(0);
      for (const { key } of collection.getRange()) {
        if (Buffer.compare(before, key) >= 0) throw new Contradiction('its keys are out of order');
        before = key;
        entries++;
      }
      const { entryCount } = collection.getStats() as { entryCount: number };
      if (entries !== entryCount) throw new Contradiction(`of ${entryCount} entries there are ${entries}`);
    }
  } catch (error) {
    const { code, message } = error as Error & { code?: number };
    // LMDB's own codes are negative numbers, the system's positive ones, Node's texts
    const isDamage = error instanceof Contradiction || (Number(code) < 0 && !passing.includes(Number(code)));
    (isDamage ? process.stdout : process.stderr).write(message);
    process.exitCode = isDamage ? damaged : 1;
  }
}

const markOf = (file: string): string => `${file}.closed`;

function stateOf(file: string): string {
  const { size, mtimeNs } = statSync(file, { bigint: true });
  return `${size} ${mtimeNs}`;
}

/** To be called when LMDB has closed the file: until anything changes it, it need not be checked. */
export function markClosed(file: string): void {
  writeFileSync(markOf(file), stateOf(file), { mode: 0o600 });
}

/** Whether the file is as an orderly end has left it. Says so once. */
export function wasClosed(file: string): boolean {
  try {
    return readFileSync(markOf(file), 'utf8') === stateOf(file);
  } catch {
    return false;
  } finally {
    rmSync(markOf(file), { force: true });
  }
}
