// Compiles what changed. Several starts from one checkout may build at once: one compiles, the others wait for it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import lockfile from 'proper-lockfile';
import { bundleApps } from './bundle.mjs';
import { buildConsole } from './console.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
mkdirSync(join(root, 'dist'), { recursive: true });
const release = await lockfile.lock(join(root, 'dist'), {
  stale: 20_000,
  retries: { retries: 600, minTimeout: 200, maxTimeout: 200 },
});
const tsc = spawn(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', root], { stdio: 'inherit' });
const [status] = await once(tsc, 'exit');
if (status === 0) {
  await bundleApps(root);
  await buildConsole(root);
}
await release();
process.exit(status ?? 1);
