import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { promisify } from 'node:util';
import { endProcess } from '../process/end-process.js';
import { until } from '../until.js';
import type { ServerProcess } from './server-process.js';

const run = promisify(execFile);

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  /** Its working directory, deleted with what it has stored. */
  readonly folder: string;
  /** Resolves when it serves. */
  readonly serves: () => Promise<void>;
}

/** A server of ours as a process of this machine. */
export class LocalProcess implements ServerProcess {
  private process: ChildProcess | undefined;
  private said = '';

  constructor(
    private readonly name: string,
    private readonly command: Command,
  ) {}

  async start(): Promise<void> {
    const { program, args, folder, serves } = this.command;
    const child = spawn(program, args, { cwd: folder });
    this.process = child;
    const take = (text: string) => (this.said = (this.said + text).slice(-4_000));
    child.stdout.setEncoding('utf8').on('data', take);
    child.stderr.setEncoding('utf8').on('data', take);
    const ended = once(child, 'exit').then(() => {
      throw new Error(`${this.name} ended at its start: ${this.said}`);
    });
    ended.catch(() => 'it was up');
    await Promise.race([serves(), ended]);
  }

  async kill(): Promise<void> {
    const child = this.process;
    this.process = undefined;
    await endProcess(child, 'SIGKILL');
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
    await rm(this.command.folder, { recursive: true, force: true });
  }
}

/** Started; removed again where that fails. */
export async function startProcess(name: string, command: Command): Promise<LocalProcess> {
  const server = new LocalProcess(name, command);
  try {
    await server.start();
    return server;
  } catch (error) {
    await server.remove();
    throw error;
  }
}
