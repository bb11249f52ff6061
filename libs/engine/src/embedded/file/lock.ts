import { closeSync, ftruncateSync, openSync, readFileSync, readlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { StoreUnavailable } from '../../port.js';

export interface Lock {
  release(): void;
}

/**
 * Lets one process serve from a directory. The kernel locks `<name>.lock` there, for all processes and namespaces of a host,
 * until the process ends in any way. That the file exists says nothing: it stays.
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
 * Whether the holder of the lock runs in another PID namespace. LMDB tells readers apart by their process ids, so this process
 * must not read beside it.
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
