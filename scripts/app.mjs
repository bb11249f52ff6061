// The app that APP names, standalone unless told: what the image runs.
import { readdirSync } from 'node:fs';
import { join, parse } from 'node:path';

const names = readdirSync(join(import.meta.dirname, '../dist/bin'))
  .filter((file) => file.endsWith('.js'))
  .map((file) => parse(file).name)
  // the command line is no app
  .filter((name) => name !== 'twinlock');
const name = process.env.APP || 'standalone';
if (names.includes(name)) await import(`../dist/bin/${name}.js`);
else {
  console.error(`APP must be one of ${names.join(', ')}`);
  process.exitCode = 1;
}
