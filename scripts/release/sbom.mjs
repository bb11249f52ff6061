// The software that a production installs, as CycloneDX.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * By `npm sbom`, of a lock file without what is for development alone: its own `--omit dev` leaves out packages that are for both.
 * @param {string} root of the checkout @returns {string} JSON
 */
export function sbomOf(root) {
  const readJson = (name) => JSON.parse(readFileSync(join(root, name), 'utf8'));
  const { devDependencies: _, ...manifest } = readJson('package.json');
  const lock = readJson('package-lock.json');
  delete lock.packages[''].devDependencies;
  lock.packages = Object.fromEntries(Object.entries(lock.packages).filter(([, { dev }]) => dev !== true));
  const place = mkdtempSync(join(tmpdir(), 'twinlock-sbom-'));
  try {
    // npm calls the whole by the name of its folder
    const folder = join(place, manifest.name);
    mkdirSync(folder);
    writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
    writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(lock));
    const args = ['sbom', '--sbom-format', 'cyclonedx', '--sbom-type', 'application', '--package-lock-only'];
    return execFileSync('npm', args, { cwd: folder, encoding: 'utf8', maxBuffer: 2 ** 26 });
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}
