import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { endProcess } from '#test/support/process/end-process.js';

export interface Server {
  readonly url: string;
  readonly pid: number;
  /** From the start of the process until it said where it is. */
  readonly startedInMs: number;
  stop(): Promise<void>;
}

export interface ServerOptions {
  readonly module: URL;
  readonly env?: Readonly<Record<string, string>>;
  /** Where what it prints goes: a file, as under a supervisor. */
  readonly folder: string;
  readonly cpu?: number | undefined;
  /** Options of Node. */
  readonly node?: readonly string[];
}

const LOOK_EVERY_MS = 5;
const PATIENCE_MS = 120_000;
let servers = 0;

/** Starts a server that prints `… http://127.0.0.1:3000` when it is ready. */
export async function startServer({ module, env = {}, folder, cpu, node = [] }: ServerOptions): Promise<Server> {
  const log = join(folder, `server-${++servers}.log`);
  const output = openSync(log, 'w');
  const command = [process.execPath, ...node, fileURLToPath(module)];
  const [program = '', ...args] = cpu === undefined ? command : ['taskset', '-c', String(cpu), ...command];
  const began = performance.now();
  const child = spawn(program, args, {
    cwd: folder,
    stdio: ['ignore', output, output],
    env: { PATH: process.env.PATH ?? '', HOST: '127.0.0.1', PORT: '0', ...env },
  });
  closeSync(output);
  const url = await urlOf(child, log, began);
  return {
    url,
    pid: child.pid ?? 0,
    startedInMs: performance.now() - began,
    stop: async () => void (await endProcess(child, 'SIGTERM')),
  };
}

async function urlOf(child: ChildProcess, log: string, began: number): Promise<string> {
  for (;;) {
    const printed = readFileSync(log, 'utf8');
    const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(printed) ?? [];
    if (url !== undefined) return url;
    const late = performance.now() - began > PATIENCE_MS;
    if (child.exitCode !== null || late) {
      child.kill('SIGKILL');
      throw new Error(`a server did not start:\n${printed.slice(-2_000)}`);
    }
    await sleep(LOOK_EVERY_MS);
  }
}
