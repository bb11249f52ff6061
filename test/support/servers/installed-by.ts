import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { installed } from './installed.js';

/** An installation takes seconds, and minutes on a machine at work. */
export const INSTALL_MS = 900_000;
const run = (program: string, args: readonly string[], options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}) =>
  promisify(execFile)(program, args, { ...options, timeout: INSTALL_MS });

/**
 * A folder of jars: these, and what they depend on unless they have it in them.
 * @param coordinates `group:artifact:version`
 */
export const installedByMaven = (
  name: string,
  coordinates: readonly string[],
  { alone = false } = {},
): Promise<string> =>
  installed(name, async (folder) => {
    const project = await mkdtemp(join(tmpdir(), 'pom-'));
    try {
      await writeFile(join(project, 'pom.xml'), pom(coordinates));
      const goal = ['dependency:copy-dependencies', `-DoutputDirectory=${folder}`, `-DexcludeTransitive=${alone}`];
      await run('mvn', ['-q', '-B', '-f', join(project, 'pom.xml'), ...goal]);
    } finally {
      await rm(project, { recursive: true, force: true });
    }
  });

const pom = (coordinates: readonly string[]): string => `<project xmlns="http://maven.apache.org/POM/4.0.0">
<modelVersion>4.0.0</modelVersion><groupId>twinlock</groupId><artifactId>tests</artifactId><version>1</version>
<dependencies>${coordinates.map(dependency).join('')}</dependencies></project>`;

const dependency = (coordinate: string): string => {
  const [group, artifact, version] = coordinate.split(':');
  return `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`;
};

/**
 * What is in a `.tar.gz`, such as the distribution of a server.
 * @param artifact `group:artifact:version`
 * @param prepare makes of the folder what would otherwise be made at each start
 */
export const unpackedByMaven = (
  name: string,
  artifact: string,
  prepare: (folder: string) => Promise<unknown>,
): Promise<string> =>
  installed(name, async (folder) => {
    const copy = ['dependency:copy', `-Dartifact=${artifact}:tar.gz`, `-DoutputDirectory=${folder}`];
    await run('mvn', ['-q', '-B', ...copy], { cwd: folder });
    for (const archive of await readdir(folder)) {
      await run('tar', ['-xzf', archive], { cwd: folder });
      await rm(join(folder, archive));
    }
    await prepare(folder);
  });

/** A Python of its own that has these packages. Its scripts are run as `bin/python bin/SCRIPT`, since the folder was moved. */
export const installedByPip = (name: string, packages: readonly string[]): Promise<string> =>
  installed(name, async (venv) => {
    await run('python3', ['-m', 'venv', venv]);
    await run(join(venv, 'bin/pip'), ['install', '--quiet', ...packages]);
  });

/** A folder whose `node_modules` has these packages, outside of ours. */
export const installedByNpm = (name: string, packages: readonly string[]): Promise<string> =>
  installed(name, async (folder) => {
    await run('npm', ['install', '--prefix', folder, '--no-audit', '--no-fund', '--ignore-scripts', ...packages]);
  });

/** A folder with the program of a Go module. */
export const installedByGo = (name: string, module: string): Promise<string> =>
  installed(name, async (folder) => {
    await run('go', ['install', module], { env: { ...process.env, GOBIN: folder } });
  });
