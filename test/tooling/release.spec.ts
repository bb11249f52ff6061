import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const root = process.cwd();
const VERSION = '7.8.9';

describe('npm run release', () => {
  let folder: string;
  let home: string;
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=test', '-c', 'user.email=test@example.com', ...args], {
      cwd: folder,
      encoding: 'utf8',
    });
  /** No server of containers runs there. */
  const release = () =>
    promisify(execFile)('npm', ['run', '--silent', 'release'], {
      cwd: folder,
      env: {
        PATH: process.env.PATH,
        HOME: home,
        DOCKER_HOST: 'unix:///nowhere/docker.sock',
        CONTAINER_HOST: 'unix:///nowhere/podman.sock',
      },
    })
      .then(({ stdout, stderr }) => ({ code: 0, stdout, stderr }))
      .catch((error: { code: number; stdout: string; stderr: string }) => error);
  const commit = () => git('commit', '--quiet', '--all', '--allow-empty', '--message', 'A change');
  const change = (name: string, edit: (text: string) => string) =>
    writeFileSync(join(folder, name), edit(readFileSync(join(folder, name), 'utf8')));
  const setVersion = (name: string, version = VERSION) =>
    change(name, (text) =>
      text.replace(/"version": "[^"]+"/g, (found, at: number) => (at < 200 ? `"version": "${version}"` : found)),
    );
  const refused = async (why: string) => {
    expect(await release()).toMatchObject({ code: 1, stdout: '', stderr: `No release: ${why}.\n` });
    expect(readdirSync(folder)).not.toContain('release');
  };

  /** The files as they are, in a repository of their own. */
  beforeAll(() => {
    const place = mkdtempSync(join(tmpdir(), 'release-'));
    [folder, home] = [join(place, 'twinlock'), join(place, 'home')];
    mkdirSync(home);
    const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
      cwd: root,
      encoding: 'utf8',
    });
    for (const file of files.split('\0').filter(Boolean)) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      cpSync(join(root, file), join(folder, file));
    }
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    git('init', '--quiet');
    git('add', '--all');
    commit();
  }, 60_000);
  afterAll(() => rmSync(dirname(folder), { recursive: true, force: true }));

  it('refuses a tree that is not what its tag says, and makes nothing', async () => {
    await refused('no tag like v1.2.3 is at HEAD');
    git('tag', `v${VERSION}`);
    const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
    await refused(`the tag is v${VERSION}, but package.json has ${version}`);
    setVersion('package.json');
    await refused('the tree has changes that are not committed, such as package.json');
    const moved = () => (commit(), git('tag', '--force', `v${VERSION}`));
    moved();
    await refused(`package.json has ${VERSION}, but package-lock.json ${version}`);
    setVersion('package-lock.json');
    moved();
    await refused(`CHANGELOG.md says nothing of ${VERSION}: it needs a section '## ${VERSION}'`);
  }, 60_000);

  it('makes the package, the SBOM, the notes and their sums, and says that there is no image', async () => {
    change('CHANGELOG.md', (text) =>
      text.replace('## Unreleased', `## Unreleased\n\n## ${VERSION} - 2026-11-29\n\n- What is new.\n\n## 0.0.1`),
    );
    commit();
    git('tag', '--force', `v${VERSION}`);
    const { code, stdout, stderr } = await release();
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('It has no image: neither docker nor podman runs here.\n');
    const made = (name: string) => readFileSync(join(folder, 'release', name));
    const [pack, sbom] = [`twinlock-client-${VERSION}.tgz`, `twinlock-${VERSION}.cdx.json`];
    expect(readdirSync(join(folder, 'release')).sort()).toEqual(['NOTES.md', 'SHA256SUMS', sbom, pack].sort());
    expect(made('NOTES.md').toString()).toBe('- What is new.\n');

    const list = execFileSync('tar', ['-tzf', join(folder, 'release', pack)], { encoding: 'utf8' }).split('\n');
    for (const name of [
      'LICENSE',
      'README.md',
      'dist/index.js',
      'dist/types/client/src/index.d.ts',
      'dist/events/events.js',
    ])
      expect(list).toContain(`package/${name}`);
    const manifest = execFileSync('tar', ['-xzOf', join(folder, 'release', pack), 'package/package.json'], {
      encoding: 'utf8',
    });
    expect(JSON.parse(manifest)).toMatchObject({ name: '@twinlock/client', version: VERSION });

    const bom = JSON.parse(made(sbom).toString()) as {
      metadata: { component: { name: string; version: string } };
      components: { group?: string; name: string }[];
    };
    expect(bom.metadata.component).toMatchObject({ name: 'twinlock', version: VERSION });
    const names = new Set(bom.components.map(({ group, name }) => (group ? `${group}/${name}` : name)));
    const product = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { dependencies: object };
    expect(Object.keys(product.dependencies).filter((name) => !names.has(name))).toEqual([]);
    for (const name of ['jest', 'typescript', 'eslint']) expect(names).not.toContain(name);

    const sums = made('SHA256SUMS').toString().trim().split('\n');
    expect(sums).toHaveLength(3);
    for (const [sum = '', name = ''] of sums.map((line) => line.split('  ')))
      expect(createHash('sha256').update(made(name)).digest('hex')).toBe(sum);
    expect(git('status', '--porcelain')).toBe('');
    appendFileSync(join(folder, 'README.md'), '\n');
    expect((await release()).stderr).toContain('No release: the tree has changes');
  }, 120_000);
});
