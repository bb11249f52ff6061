import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { failure, type Finding, warning, well } from './finding.js';

const CHECK = 'disk';
const MIB = 1_048_576;
/** A store that is full refuses what it is asked to record. */
const LEAST_MIB = 256;
const FEW_MIB = 2_048;

/** Space and rights where the data stands, or would. */
export function diskFindings(dataDir: string, elsewhere: boolean): Finding[] {
  if (elsewhere) return existsSync(dataDir) ? [rights(dataDir)] : [];
  const there = nearest(dataDir);
  return [rights(there), space(there)];
}

function nearest(path: string): string {
  return existsSync(path) ? path : nearest(dirname(path));
}

function rights(folder: string): Finding {
  try {
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch {
    return failure(
      CHECK,
      `${folder} may not be written by this user`,
      `Give it to the user of the product: chown it, chmod 700.`,
    );
  }
  const { mode, uid } = statSync(folder);
  const user = process.geteuid?.();
  if (user !== undefined && uid === user && (mode & 0o022) !== 0)
    return warning(CHECK, `others may write in ${folder} (mode ${(mode & 0o777).toString(8)})`, `chmod 700 ${folder}`);
  return well(CHECK, `${folder} can be written`);
}

/** @param free what a user that is not root may still take */
export function spaceFinding(folder: string, { free, whole }: { free: number; whole: number }): Finding {
  const says = `${Math.floor(free / MIB).toLocaleString('en')} MiB free for ${folder}`;
  if (free < LEAST_MIB * MIB)
    return failure(CHECK, says, 'Make room: a full store records nothing, so nobody can log in.');
  if (free < FEW_MIB * MIB || free < whole / 20) return warning(CHECK, says, 'Make room before it is full.');
  return well(CHECK, says);
}

function space(folder: string): Finding {
  const { bavail, bsize, blocks } = statfsSync(folder);
  return spaceFinding(folder, { free: bavail * bsize, whole: blocks * bsize });
}
