import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const root = process.cwd();
const built = join(root, 'dist/console');
const files = readdirSync(built, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name));

describe("the console's page", () => {
  it('is under 300 KB in all, gzipped', () => {
    const bytes = files.reduce((sum, file) => sum + gzipSync(readFileSync(file), { level: 9 }).length, 0);
    expect(files.length).toBeGreaterThan(3);
    expect(bytes).toBeLessThan(300 * 1024);
  });

  it('has no script, style or handler within its markup, and loads nothing from elsewhere', () => {
    const markup = readFileSync(join(built, 'index.html'), 'utf8');
    expect(markup).toContain('<script type="module"');
    expect(markup).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|javascript:/i);
    for (const [, url] of markup.matchAll(/(?:src|href)="([^"]*)"/g)) expect(url).toMatch(/^\/console\//);
  });
});
