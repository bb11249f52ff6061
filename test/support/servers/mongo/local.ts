import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { answering, type MongoProcess } from '../mongo.js';
import { until } from '../../until.js';

/** Speaks MongoDB's protocol over WiredTiger, and is durable where it says so. */
const VERSION = '0.7.0b3';

const run = promisify(execFile);

/** @throws Error why it cannot be started here */
export async function startLocal(port: number): Promise<MongoProcess> {
  const command = await serverCommand();
  const folder = await mkdtemp(join(tmpdir(), 'mongo-'));
  const server = new LocalMongo(command, port, folder);
  try {
    await server.start();
  } catch (error) {
    await server.remove();
    throw error;
  }
  return server;
}

class LocalMongo implements MongoProcess {
  readonly origin: string;
  private process: ChildProcess | undefined;
  private said = '';

  constructor(
    private readonly command: readonly string[],
    private readonly port: number,
    private readonly folder: string,
  ) {
    this.origin = `mongodb://127.0.0.1:${port}`;
  }

  async start(): Promise<void> {
    const [program = '', ...args] = this.command;
    const place = ['--host', '127.0.0.1', '--port', `${this.port}`, '--storage-path', join(this.folder, 'data')];
    const child = spawn(program, [...args, ...place, '--cache-size', '256M'], { cwd: this.folder });
    this.process = child;
    const take = (text: string) => (this.said = (this.said + text).slice(-4_000));
    child.stdout.setEncoding('utf8').on('data', take);
    child.stderr.setEncoding('utf8').on('data', take);
    const ended = once(child, 'exit').then(() => {
      throw new Error(`SecantusDB ended at its start: ${this.said}`);
    });
    await Promise.race([answering(this.origin, 30_000), ended]);
  }

  async kill(): Promise<void> {
    const child = this.process;
    this.process = undefined;
    if (child?.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  async freeze(): Promise<void> {
    const pid = this.process?.pid;
    if (pid === undefined || this.process?.kill('SIGSTOP') !== true) throw new Error('there is no process to freeze');
    await until('it is stopped', async () => (await run('ps', ['-o', 'state=', '-p', `${pid}`])).stdout.includes('T'));
  }

  async thaw(): Promise<void> {
    this.process?.kill('SIGCONT');
  }

  async remove(): Promise<void> {
    await this.kill();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** `SECANTUSD`: a server built elsewhere, such as the one in Rust. */
async function serverCommand(): Promise<string[]> {
  const own = process.env.SECANTUSD;
  if (own !== undefined && own !== '') return basename(own) === 'secantusd-rs' ? [own, '--sync-on-commit'] : [own];
  const cache = join(homedir(), '.cache/twinlock');
  const installed = join(cache, `secantusdb-${VERSION}`);
  if (!existsSync(installed)) await install(cache, installed);
  return [join(installed, 'bin/python'), join(installed, 'bin/secantusd-py')];
}

/** Whole, or not at all: several processes may need it at once. */
async function install(cache: string, target: string): Promise<void> {
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, 'installing-'));
  try {
    await run('python3', ['-m', 'venv', folder]);
    await run(join(folder, 'bin/pip'), ['install', '--quiet', `secantusdb==${VERSION}`]);
    await rename(folder, target).catch((error: unknown) => {
      if (!existsSync(target)) throw error;
    });
  } catch (error) {
    throw new Error(`SecantusDB cannot be installed: ${(error as Error).message}`, { cause: error });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
