// Builds the web console's page when one of its inputs has changed since the last build.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** @param {string} root of the checkout */
export async function buildConsole(root) {
  const source = join(root, 'apps/console');
  const record = join(root, 'dist/.console-inputs');
  const inputs = [...filesUnder(source), join(root, 'package-lock.json'), import.meta.filename];
  const state = digestOf(inputs);
  if (state === read(record) && read(join(root, 'dist/console/index.html')) !== undefined) return;
  rmSync(record, { force: true });
  const { build } = await import('vite');
  await build({ configFile: join(source, 'vite.config.ts'), logLevel: 'error' });
  writeFileSync(record, state);
}

const filesUnder = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();

function digestOf(files) {
  const hash = createHash('sha256');
  for (const file of files) hash.update(file).update('\0').update(readFileSync(file)).update('\0');
  return hash.digest('hex');
}

function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
