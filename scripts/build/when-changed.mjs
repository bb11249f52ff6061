import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Builds when one of the inputs is not as it was at the last build, or something of what was built is gone.
 * @param {{ record: string, inputs: string[], outputs: string[] }} files
 * @param {() => Promise<unknown>} build
 */
export async function whenChanged({ record, inputs, outputs }, build) {
  const state = digestOf(inputs);
  if (outputs.every(existsSync) && existsSync(record) && readFileSync(record, 'utf8') === state) return;
  rmSync(record, { force: true });
  mkdirSync(dirname(record), { recursive: true });
  await build();
  writeFileSync(record, state);
}

/** @param {string} folder */
export const filesUnder = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();

function digestOf(files) {
  const hash = createHash('sha256');
  for (const file of files) hash.update(file).update('\0').update(readFileSync(file)).update('\0');
  return hash.digest('hex');
}
