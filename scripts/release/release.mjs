// What a release consists of, in `release`, made from the tag at HEAD: `npm run release`. Publishes nothing.
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildClient } from '../build/client.mjs';
import { makeClientCalls } from '../build/client-calls.mjs';
import { sbomOf } from './sbom.mjs';

const root = join(import.meta.dirname, '../..');
const output = join(root, 'release');
const git = (...args) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trimEnd();
const text = (name) => readFileSync(join(root, name), 'utf8');

/** One line on why nothing is made. */
class Refusal extends Error {}

async function release() {
  const { version, notes } = released();
  rmSync(output, { recursive: true, force: true });
  mkdirSync(output);
  await makeClientCalls(root);
  const client = await buildClient(root);
  execFileSync('npm', ['pack', '--silent', '--pack-destination', output], { cwd: client });
  writeFileSync(join(output, `twinlock-${version}.cdx.json`), sbomOf(root));
  writeFileSync(join(output, 'NOTES.md'), `${notes}\n`);
  const image = makeImage(version);
  const files = readdirSync(output).sort();
  const sums = [];
  for (const file of files) sums.push(`${await sha256(join(output, file))}  ${file}\n`);
  writeFileSync(join(output, 'SHA256SUMS'), sums.join(''));
  console.log([`Release ${version}, in ${output}:`, ...files, 'SHA256SUMS'].join('\n  '));
  if (!image) console.log('It has no image: neither docker nor podman runs here.');
}

/** @throws Refusal the tree is not what a tag says */
function released() {
  const changed = git('status', '--porcelain').split('\n').filter(Boolean);
  if (changed.length > 0)
    throw new Refusal(`the tree has changes that are not committed, such as ${changed[0].slice(3)}`);
  const { version } = JSON.parse(text('package.json'));
  const tags = git('tag', '--points-at', 'HEAD').split('\n');
  const versions = tags.flatMap((tag) => /^v(\d+\.\d+\.\d+(?:-[\w.-]+)?)$/.exec(tag)?.[1] ?? []);
  if (versions.length === 0) throw new Refusal('no tag like v1.2.3 is at HEAD');
  if (!versions.includes(version)) throw new Refusal(`the tag is v${versions[0]}, but package.json has ${version}`);
  const locked = JSON.parse(text('package-lock.json')).version;
  if (locked !== version) throw new Refusal(`package.json has ${version}, but package-lock.json ${locked}`);
  const notes = notesOf(text('CHANGELOG.md'), version);
  if (!notes) throw new Refusal(`CHANGELOG.md says nothing of ${version}: it needs a section '## ${version}'`);
  return { version, notes };
}

/** The section of a version: `## 1.2.3`, perhaps with a date behind it. */
function notesOf(changelog, version) {
  const [, ...sections] = changelog.split(/^## /m);
  const section = sections.find((each) => each.split(/\s/, 1)[0] === version);
  return section?.slice(section.indexOf('\n')).trim();
}

/** With what runs here. @returns {boolean} */
function makeImage(version) {
  const runs = (command) => spawnSync(command, ['info'], { stdio: 'ignore' }).status === 0;
  const command = ['docker', 'podman'].find(runs);
  if (command === undefined) return false;
  const label = (name, value) => ['--label', `org.opencontainers.image.${name}=${value}`];
  const labels = [...label('version', version), ...label('revision', git('rev-parse', 'HEAD'))];
  const tag = `twinlock:${version}`;
  execFileSync(command, ['build', '--tag', tag, ...labels, '.'], { cwd: root, stdio: 'inherit' });
  execFileSync(command, ['save', '--output', join(output, `twinlock-${version}.image.tar`), tag], { stdio: 'inherit' });
  return true;
}

async function sha256(file) {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk);
  return hash.digest('hex');
}

await release().catch((error) => {
  if (!(error instanceof Refusal)) throw error;
  console.error(`No release: ${error.message}.`);
  process.exitCode = 1;
});
