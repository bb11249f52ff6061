import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Twinlock } from '#libs/client/src/index.js';
import type { Person } from '#test/support/people/portal.js';
import type { EngineName } from '#test/support/servers/engines.js';
import { INSTALL_MS } from '#test/support/servers/installed-by.js';
import { usePortal, useStack } from '#test/support/use-stack.js';
import { until } from '#test/support/until.js';

const root = process.cwd();
const run = promisify(execFile);
const page = readFileSync(join(root, 'libs/client/README.md'), 'utf8');
const blocksOf = (language: string) =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n(?<code>.*?)^\`\`\``, 'gms'))].map(({ groups }) => groups!.code!);
const programs = blocksOf('ts');
const needsKafka = (code: string) => code.includes("'kafkajs'");
/** It runs until it is stopped. */
const follows = (code: string) => code.includes('await follow(');

let folder: string;
/** Installed as anybody would, beside the frameworks in the versions that the product is tested with. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'twinlock-client-'));
  await run(process.execPath, [join(root, 'scripts/build/client.mjs')], { cwd: root });
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', folder], {
    cwd: join(root, 'dist/client'),
  });
  const [{ filename }] = JSON.parse(stdout) as [{ filename: string }];
  const product = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const known: Record<string, string> = { ...product.dependencies, ...product.devDependencies };
  const others = ['@fastify/cookie', '@fastify/session', '@nestjs/common', '@nestjs/core', '@nestjs/platform-fastify'];
  const more = [
    'cookie',
    'express',
    'express-session',
    'fastify',
    'kafkajs',
    'reflect-metadata',
    'rxjs',
    '@types/node',
  ];
  const packages = Object.fromEntries([...others, ...more].map((name) => [name, known[name]]));
  const dependencies = { ...packages, '@twinlock/client': `file:${filename}` };
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module', dependencies }));
  await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts'], { cwd: folder });
  programs.forEach((code, index) => writeFileSync(join(folder, `readme-${index}.ts`), code));
  await run(
    process.execPath,
    [
      join(root, 'node_modules/typescript/bin/tsc'),
      ...compilerOptions,
      ...programs.map((_, index) => `readme-${index}.ts`),
    ],
    {
      cwd: folder,
    },
  ).catch((error: unknown) => {
    throw new Error(String((error as { stdout?: string }).stdout), { cause: error });
  });
  for (const name of ['gateway', 'fastify', 'express', 'nest'])
    cpSync(join(root, 'dist/examples', name), join(folder, 'examples', name), { recursive: true });
}, INSTALL_MS);
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const compilerOptions =
  '--strict --skipLibCheck --target es2023 --module nodenext --moduleResolution nodenext --types node'.split(' ');

it('each line of an adapter on the page is one of the examples', () => {
  const examples = ['fastify', 'express', 'nest'].map((name) =>
    readFileSync(join(root, 'examples', name, `${name}.ts`), 'utf8'),
  );
  const lines = blocksOf('typescript').flatMap((code) => code.trim().split('\n'));
  expect(lines).not.toEqual([]);
  for (const line of lines) expect(examples.some((example) => example.includes(line))).toBe(true);
  for (const example of examples) expect(example.split('\n').length).toBeLessThanOrEqual(41);
});

describe.each<EngineName>(['embedded', 'kafka-mongo'])('on %s', (engine) => {
  const stack = useStack({ engine });
  const portal = usePortal(stack);
  let env: Record<string, string>;
  let ada: Person;
  let work: string;
  beforeAll(async () => {
    work = join(folder, `work-${engine}`);
    mkdirSync(work);
    ada = await portal.enrolled();
    await ada.enterCode(ada.phone.wrongCode());
    const externalId = 'u-1042';
    (await portal.api.changeAccount(portal.id, ada.id, { externalId })).success();
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    const jwk = publicKey.export({ format: 'jwk' }) as { kty: 'OKP'; crv: 'Ed25519'; x: string };
    const scopes = ['challenges', 'accounts', 'events'] as const;
    const body = { name: 'page', scopes: [...scopes], publicKey: jwk };
    const { id, token } = (await stack.operator.issueServiceToken(portal.id, body)).success();
    env = {
      ...stack.engineSettings,
      PATH: process.env.PATH ?? '',
      TWINLOCK_URL: stack.origin,
      TWINLOCK_TOKEN: token,
      SERVICE_TOKEN: token,
      TOKEN_ID: id,
      PRIVATE_JWK: JSON.stringify(privateKey.export({ format: 'jwk' })),
      PORTAL: portal.id,
      ACCOUNT: ada.id,
      USERS: join(root, 'examples/gateway/users.json'),
      SESSION_SECRET: 'only for tests: thirty-two characters',
      PORT: '0',
    };
  });

  const runnable = programs
    .map((code, index) => ({ code, index }))
    .filter(({ code }) => engine === 'kafka-mongo' || !needsKafka(code));
  it.each(runnable.filter(({ code }) => !follows(code)))('the page: program $index', async ({ code, index }) => {
    const account = needsKafka(code) ? (await portal.contributor()).id : ada.id;
    const told = { ...env, ACCOUNT: account, CODE: ada.phone.freshCode() };
    const options = { cwd: work, env: told, timeout: 60_000 };
    const { stdout } = await run(process.execPath, [join(folder, `readme-${index}.js`)], options);
    if (code.includes('registerBatch')) expect(stdout).toMatch(/^created\nnot-found [0-9a-f-]{36}\n$/);
    else if (code.includes('newGateway')) expect(stdout).toBe('passed\n');
    else if (code.includes('exportEvents')) expect(stdout).toContain('two-factor.two-factor-enabled.v1\n');
    else {
      expect(code).toContain('new Commands');
      expect(stdout).toContain("\n{ status: 'suspended' }\n");
    }
  });

  it.each(runnable.filter(({ code }) => follows(code)))('the page: program $index', async ({ code, index }) => {
    /** Runs it until it has had the last event of the portal. What it printed. */
    const followed = async (file?: string) => {
      const last = (await portal.allEvents()).findLast((event) => event.account === ada.id)!;
      const program = spawn(process.execPath, [join(folder, `readme-${index}.js`)], { cwd: work, env });
      let [printed, failed] = ['', ''];
      program.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text));
      program.stderr.setEncoding('utf8').on('data', (text: string) => (failed += text));
      const ended = once(program, 'close');
      try {
        await until(
          'it has had the last event',
          () => {
            if (program.exitCode !== null) throw new Error(failed);
            if (file === undefined) return printed.includes(last.id);
            return existsSync(file) && readFileSync(file, 'utf8').includes(last.hash);
          },
          60_000,
        );
      } finally {
        program.kill('SIGTERM');
        await ended;
      }
      expect([program.exitCode, failed]).toEqual([0, '']);
      return printed;
    };
    if (code.includes('toOcsf')) {
      const told = (await followed()).trim().split('\n');
      const classes = told.map((line) => (JSON.parse(line) as { class_uid: number }).class_uid);
      expect(new Set(classes)).toEqual(new Set([3001, 3002, 3004]));
    } else {
      const file = join(work, 'failures.json');
      expect(await followed(file)).toBe('1\n');
      await ada.enterCode(ada.phone.wrongCode());
      // the first is not counted again
      expect(await followed(file)).toBe('2\n');
    }
  });

  it('accounts are imported, and events read, as they come', async () => {
    const twinlock = new Twinlock({ url: stack.origin, token: stack.operatorToken });
    const lines = ['mary', 'joan', ''].map((username) => ({ username }));
    const outcomes: string[] = [];
    for await (const { outcome } of twinlock.importAccounts({ portal: portal.id }, lines)) outcomes.push(outcome);
    expect(outcomes).toEqual(['created', 'created', 'refused']);
    const reader = new Twinlock({ url: stack.origin, token: env.TWINLOCK_TOKEN! });
    const first = { portal: portal.id, from: '1970-01-01T00:00:00.000Z' };
    const seen: string[] = [];
    for await (const { id, event } of reader.streamEvents(first)) {
      seen.push(event.id);
      if (seen.length === 1)
        for await (const next of reader.streamEvents({ ...first, lastEventId: id })) {
          seen.push(next.event.id);
          break;
        }
      if (seen.length === 3) break;
    }
    expect(seen[1]).toBe(seen[2]);
    expect(seen[0]).not.toBe(seen[1]);
  });

  it.each(['fastify', 'express', 'nest'])('the example %s lets in with a code alone', async (name) => {
    const application = spawn(process.execPath, [join(folder, 'examples', name, `${name}.js`)], { cwd: folder, env });
    try {
      const visitor = new Visitor(await originOf(application));
      expect((await visitor.ask('/')).status).toBe(401);
      expect((await visitor.ask('/login', { username: 'ada', password: 'no' })).status).toBe(401);
      const begun = await visitor.ask('/login', { username: 'ada', password: 'ada likes long passwords' });
      expect(begun.body).toEqual({ outcome: 'code-required' });
      const before = visitor.cookie;
      expect((await visitor.ask('/')).status).toBe(401);
      expect((await visitor.ask('/login/code', { code: ada.phone.wrongCode() })).body.outcome).toBe('wrong-code');
      expect((await visitor.ask('/')).status).toBe(401);
      expect((await visitor.ask('/login/code', { code: ada.phone.freshCode() })).body.outcome).toBe('passed');
      expect(await visitor.ask('/')).toEqual({ status: 200, body: { userId: 'u-1042' } });
      expect(visitor.cookie).not.toBe(before);
      expect((await new Visitor(visitor.origin, before).ask('/')).status).toBe(401);
    } finally {
      const ended = once(application, 'exit');
      application.kill('SIGKILL');
      await ended;
    }
  });
});

async function originOf(application: ChildProcess): Promise<string> {
  let said = '';
  for (const stream of [application.stdout!, application.stderr!])
    stream.setEncoding('utf8').on('data', (text: string) => (said += text));
  return until('it listens', () => {
    if (application.exitCode !== null) throw new Error(said);
    return /http:\/\/\S+/.exec(said)?.[0];
  });
}

/** A browser, as far as cookies go. */
class Visitor {
  constructor(
    readonly origin: string,
    public cookie = '',
  ) {}

  async ask(path: string, body?: object): Promise<{ status: number; body: Record<string, unknown> }> {
    const response = await fetch(new URL(path, this.origin), {
      method: body ? 'POST' : 'GET',
      headers: { cookie: this.cookie, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    const [set] = response.headers.getSetCookie();
    if (set !== undefined) this.cookie = set.split(';')[0]!;
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }
}
