import { execFile } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { installedByMaven, installedByNpm, installedByPip } from '#test/support/servers/installed-by.js';

const root = process.cwd();
const run = promisify(execFile);

/** Makes a client of the document `openapi.json` in a folder, and compiles it. */
export type Generator = (folder: string) => Promise<void>;

/** Runs it in the folder. @throws Error with what the program said */
async function say(program: string, args: readonly string[], cwd: string): Promise<string> {
  try {
    return (await run(program, args, { cwd, maxBuffer: 64 * 1024 * 1024 })).stdout;
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`${program} ${args.join(' ')}\n${stdout}\n${stderr}`, { cause: error });
  }
}

const types = {
  strict: true,
  skipLibCheck: true,
  noEmit: true,
  target: 'es2022',
  lib: ['es2022', 'dom', 'dom.iterable'],
};

async function compileTypeScript(folder: string, files: readonly string[]): Promise<void> {
  const compilerOptions = { ...types, module: 'esnext', moduleResolution: 'bundler', types: [] };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
  await say(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder], folder);
}

/** Compiles every module and imports it: what a class is made of is only seen then. */
async function compilePython(python: string, folder: string, name: string): Promise<void> {
  const importAll = [
    `import importlib, pkgutil, ${name}`,
    `for module in pkgutil.walk_packages(${name}.__path__, "${name}."): importlib.import_module(module.name)`,
  ].join('\n');
  await say(python, ['-m', 'compileall', '-q', join(folder, name)], folder);
  await say(python, ['-c', importAll], folder);
}

const jar = 'org.openapitools:openapi-generator-cli:7.17.0';

async function openapiGenerator(generator: string, folder: string, ...options: string[]): Promise<string> {
  const jars = await installedByMaven('openapi-generator-7.17.0', [jar], { alone: true });
  const args = ['-cp', join(jars, '*'), 'org.openapitools.codegen.OpenAPIGenerator', 'generate', '-i', 'openapi.json'];
  // what it has no type for it leaves out, and says so
  const said = await say('java', [...args, '-g', generator, '-o', generator, ...options], folder);
  expect(said.split('\n').filter((line) => /\bERROR\b|WARN .*(discriminator|nsupported)/.test(line))).toEqual([]);
  return join(folder, generator);
}

async function openapiTypescript(folder: string): Promise<void> {
  const program = join(root, 'node_modules/openapi-typescript/bin/cli.js');
  await say(process.execPath, [program, 'openapi.json', '-o', 'schema.ts'], folder);
  await writeFile(join(folder, 'use.ts'), uses.openapiTypescript);
  await compileTypeScript(folder, ['use.ts']);
}

async function heyApi(folder: string): Promise<void> {
  const version = '0.90.10';
  const place = await installedByNpm(`hey-api-${version}`, [`@hey-api/openapi-ts@${version}`, 'typescript@5.9.3']);
  const program = join(place, 'node_modules/@hey-api/openapi-ts/bin/run.js');
  await say(
    process.execPath,
    [program, '-i', 'openapi.json', '-o', 'client', '--client', '@hey-api/client-fetch'],
    folder,
  );
  await writeFile(join(folder, 'use.ts'), uses.heyApi);
  await compileTypeScript(folder, ['client/index.ts', 'use.ts']);
}

async function openapiPythonClient(folder: string): Promise<void> {
  const version = '0.29.1';
  const venv = await installedByPip(`openapi-python-client-${version}`, [`openapi-python-client==${version}`]);
  const python = join(venv, 'bin/python');
  const args = ['generate', '--path', 'openapi.json', '--meta', 'none', '--output-path', 'twinlock_client'];
  await writeFile(join(folder, 'config.yml'), 'post_hooks: []\n');
  const said = await say(python, [join(venv, 'bin/openapi-python-client'), ...args, '--config', 'config.yml'], folder);
  expect(said).not.toMatch(/warning/i);
  await compilePython(python, folder, 'twinlock_client');
}

async function typescriptFetch(folder: string): Promise<void> {
  await compileTypeScript(await openapiGenerator('typescript-fetch', folder), ['index.ts']);
}

async function python(folder: string): Promise<void> {
  const made = await openapiGenerator('python', folder);
  const requirements = (await readFile(join(made, 'requirements.txt'), 'utf8'))
    .split('\n')
    .filter((line) => line !== '');
  const venv = await installedByPip(
    'openapi-generator-python-7.17.0',
    requirements.map((line) => line.replaceAll(' ', '')),
  );
  await compilePython(join(venv, 'bin/python'), made, 'openapi_client');
  await say(join(venv, 'bin/python'), ['-c', uses.python], made);
}

/** What its own build file names. */
const javaLibraries = [
  'com.fasterxml.jackson.core:jackson-databind:2.19.2',
  'com.fasterxml.jackson.datatype:jackson-datatype-jsr310:2.19.2',
  'org.openapitools:jackson-databind-nullable:0.2.7',
  'jakarta.annotation:jakarta.annotation-api:1.3.5',
  'com.google.code.findbugs:jsr305:3.0.2',
  'org.apache.httpcomponents:httpmime:4.5.14',
];

async function java(folder: string): Promise<void> {
  const made = await openapiGenerator('java', folder, '--library', 'native');
  const classpath = join(await installedByMaven('openapi-generator-java-7.17.0', javaLibraries), '*');
  const sources = (await readdir(join(made, 'src/main/java'), { recursive: true })).filter((name) =>
    name.endsWith('.java'),
  );
  await writeFile(join(made, 'sources'), sources.map((name) => join(made, 'src/main/java', name)).join('\n'));
  await say('javac', ['-nowarn', '-d', 'classes', '-cp', classpath, '@sources'], made);
}

/** What somebody writes who uses the client. */
const uses = {
  openapiTypescript: `import type { components } from './schema';
type Schemas = components['schemas'];
export const next = (answer: Schemas['ChallengeAnswer']) => (answer.required ? answer.challenge : undefined);
export const token = (answer: Schemas['LoginResult']) => (answer.status === 'code-required' ? answer.challenge : answer.accessToken);
export const typed: Schemas['VerifyChallengeBody'] = { challenge: '', code: '' };
// @ts-expect-error: one of the two must be there
export const none: Schemas['VerifyChallengeBody'] = { challenge: '' };
`,
  heyApi: `import type { ChallengeAnswer, LoginResult, VerifyChallengeBody } from './client';
export const next = (answer: ChallengeAnswer) => (answer.required ? answer.challenge : undefined);
export const token = (answer: LoginResult) => (answer.status === 'code-required' ? answer.challenge : answer.accessToken);
export const typed: VerifyChallengeBody = { challenge: '', code: '' };
// @ts-expect-error: one of the two must be there
export const none: VerifyChallengeBody = { challenge: '' };
`,
  python: `
from openapi_client.models.challenge_answer import ChallengeAnswer
from openapi_client.models.challenge_passed import ChallengePassed
from openapi_client.models.login_result import LoginResult
from openapi_client.models.plain import Plain
at = '"expiresAt": "2026-11-24T09:30:00.000Z"'
assert ChallengeAnswer.from_json('{"required": false}').required is False
assert ChallengeAnswer.from_json('{"required": true, "challenge": "c", %s}' % at).challenge == "c"
assert ChallengePassed.from_json('{"passed": true, "accountId": "a1", "method": "totp"}').passed is True
# what a later release adds is passed over
assert LoginResult.from_json('{"status": "complete", "accessToken": "t", "later": 1, %s}' % at).actual_instance.access_token == "t"
assert Plain.from_json('{"person": null, "origin": {"address": "192.0.2.1"}}').person is None
`,
};

export const generators = {
  'openapi-typescript': openapiTypescript,
  '@hey-api/openapi-ts': heyApi,
  'openapi-python-client': openapiPythonClient,
  'openapi-generator, typescript-fetch': typescriptFetch,
  'openapi-generator, python': python,
  'openapi-generator, java': java,
} satisfies Record<string, Generator>;
