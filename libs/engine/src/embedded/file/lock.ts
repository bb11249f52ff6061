import { closeSync, ftruncateSync, openSync, readFileSync, readlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { StoreUnavailable } from '../../port.js';

export interface Lock {
  release(): void;
}

/**
 * One process serves from a directory. The lock is the kernel's, on `<name>.lock` there: it holds between all processes of a
 * host, whatever namespaces lie between them, and ends with its process, however that ends. The file stays and says nothing
 * by being there.
 * @returns undefined when another one has it, in this process or elsewhere
 * @throws StoreUnavailable the file cannot be made, or nothing can be locked there
 */
export async function lockDirectory(directory: string, name: string): Promise<Lock | undefined> {
  const file = fileOf(directory, name);
  let descriptor: number | undefined;
  try {
    const { tryLock } = await import('fs-native-extensions');
    descriptor = openSync(file, 'a', 0o600);
    if (!tryLock(descriptor)) {
      closeSync(descriptor);
      return undefined;
    }
    ftruncateSync(descriptor);
    writeSync(descriptor, pidNamespace());
  } catch (error) {
    if (descriptor !== undefined) closeSync(descriptor);
    const [reason] = (error as Error).message.split('\n', 1);
    throw new StoreUnavailable(`${file} cannot be locked: ${reason}`, { cause: error });
  }
  const held = descriptor;
  let released = false;
  return {
    release() {
      if (!released) closeSync(held);
      released = true;
    },
  };
}

/**
 * Whether who has the lock knows processes by other numbers than this one. LMDB tells readers apart by them, so that no
 * other process may read there then.
 */
export function isLockedFromElsewhere(directory: string, name: string): boolean {
  try {
    return readFileSync(fileOf(directory, name), 'utf8') !== pidNamespace();
  } catch {
    // Windows does not let others read what is locked, and has no such namespaces
    return false;
  }
}

const fileOf = (directory: string, name: string): string => join(directory, `${name}.lock`);

function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}
