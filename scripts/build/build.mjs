// Compiles what changed. Several starts from one checkout may build at once: one compiles, the others wait for it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import lockfile from 'proper-lockfile';
import { bundleApps } from './bundle.mjs';
import { makeClientCalls } from './client-calls.mjs';
import { buildConsole } from './console.mjs';
import { makeConsoleTypes } from './console-types.mjs';
import { filesUnder, whenChanged } from './when-changed.mjs';

const root = join(import.meta.dirname, '../..');

/** @throws Error what is wrong was printed */
export async function build() {
  mkdirSync(join(root, 'dist'), { recursive: true });
  const release = await lockfile.lock(join(root, 'dist'), {
    stale: 20_000,
    retries: { retries: 600, minTimeout: 200, maxTimeout: 200 },
  });
  try {
    await makeConsoleTypes(root);
    await makeClientCalls(root);
    await compile();
    await bundleApps(root);
    await buildConsole(root);
  } finally {
    await release();
  }
}

/** To find that nothing has changed takes the compiler itself seconds. */
async function compile() {
  const folders = ['apps', 'libs', 'test', 'examples'].map((folder) => join(root, folder));
  const sources = folders.flatMap(filesUnder).filter((file) => file.endsWith('.ts'));
  const files = {
    record: join(root, 'dist/.compiled-inputs'),
    inputs: [...sources, join(root, 'tsconfig.json'), join(root, 'package.json'), join(root, 'package-lock.json')],
    outputs: [join(root, 'dist/apps')],
  };
  await whenChanged(files, async () => {
    const tsc = spawn(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', root], {
      stdio: 'inherit',
    });
    const [status] = await once(tsc, 'exit');
    if (status !== 0) throw new Error('the sources do not compile');
  });
}

if (process.argv[1] === import.meta.filename) {
  await build().catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
