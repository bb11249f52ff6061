import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

const TRIES = 3;

/**
 * A folder that `install` filled once, for all checkouts of this user. Whole, or not at all: several processes may need it at
 * once. What it fetches may be away for a moment, so it is tried again.
 * @param install fills the new folder that it is given
 */
export async function installed(name: string, install: (folder: string) => Promise<unknown>): Promise<string> {
  const cache = join(homedir(), '.cache/twinlock');
  const target = join(cache, name);
  await mkdir(cache, { recursive: true });
  for (let left = TRIES; !existsSync(target);) {
    const folder = await mkdtemp(join(cache, 'installing-'));
    try {
      await install(folder);
      await rename(folder, target);
    } catch (error) {
      left -= 1;
      if (left === 0 && !existsSync(target)) {
        throw new Error(`${name} cannot be installed: ${(error as Error).message}`, { cause: error });
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  return target;
}
