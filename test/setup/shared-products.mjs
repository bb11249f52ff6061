import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A folder in which each worker names the product that its spec files share (test/support/process/shared-product.ts):
 * `TWINLOCK_SHARED_PRODUCTS`. They end with the run, however it ends.
 */
export function shareProducts() {
  // another stage of the same run has one
  if (process.env.TWINLOCK_SHARED_PRODUCTS !== undefined) return;
  const folder = mkdtempSync(join(tmpdir(), 'twinlock-shared-'));
  process.env.TWINLOCK_SHARED_PRODUCTS = folder;
  process.once('exit', () => end(folder));
  for (const signal of ['SIGINT', 'SIGTERM']) {
    // with servers, the run ends once they have (servers.mjs)
    process.once(signal, () => globalThis.stopServers === undefined && process.exit(1));
  }
}

function end(folder) {
  for (const name of readdirSync(folder).filter((each) => each.endsWith('.json'))) {
    try {
      process.kill(JSON.parse(readFileSync(join(folder, name), 'utf8')).pid, 'SIGKILL');
    } catch (error) {
      // it has ended by itself
      if (error.code !== 'ESRCH') throw error;
    }
  }
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}
