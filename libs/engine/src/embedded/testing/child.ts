import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { join } from 'node:path';

export interface Child {
  /** What it has written so far, whole lines. */
  readonly lines: readonly string[];
  /** Resolves when a line begins so; rejects when the process ends before. */
  line(beginning: string): Promise<string>;
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
}

/** Runs a script of this folder in a process of its own. */
export function startChild(script: string, args: readonly string[], shell?: string): Child {
  const command = [
    process.execPath,
    '--import',
    join(import.meta.dirname, 'typescript.mjs'),
    join(import.meta.dirname, script),
    ...args,
  ];
  const [first = '', ...rest] =
    shell === undefined ? command : ['/bin/sh', '-c', `${shell} exec "$@"`, 'sh', ...command];
  const child: ChildProcess = spawn(first, rest, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH },
  });
  const lines: string[] = [];
  const errors: string[] = [];
  const waiting = new Set<() => void>();
  createInterface({ input: child.stdout! }).on('line', (line) => {
    lines.push(line);
    for (const look of waiting) look();
  });
  child.stderr!.on('data', (text: Buffer) => errors.push(text.toString()));
  const ended = once(child, 'close').then(([code, signal]) => (signal ?? code) as number | string);
  return {
    lines,
    ended,
    line: (beginning) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = lines.find((line) => line.startsWith(beginning));
          if (found === undefined) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
        void ended.then((how) =>
          reject(new Error(`${script} ended (${how}) without ${beginning}: ${errors.join('')}`)),
        );
      }),
    async kill(signal) {
      child.kill(signal);
      await ended;
    },
  };
}
