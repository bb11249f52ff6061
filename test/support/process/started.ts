import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** What starts an app, or as `twinlock` the command line. */
export const bundle = (app: string): string => join(import.meta.dirname, '../../../dist/bin', `${app}.js`);

/** A process of the product, with nothing in its environment but what is given. */
export class Started {
  readonly child: ChildProcess;
  private printed = '';

  /** @param before what the command is put behind */
  constructor(
    script: string,
    env: Readonly<Record<string, string>>,
    before: readonly string[] = [],
    args: readonly string[] = [],
  ) {
    const [first = '', ...rest] = [...before, process.execPath, script, ...args];
    this.child = spawn(first, rest, { env: { PATH: process.env.PATH ?? '', ...env } });
    const take = (text: string) => (this.printed += text);
    this.child.stdout?.setEncoding('utf8').on('data', take);
    this.child.stderr?.setEncoding('utf8').on('data', take);
  }

  /** What it printed for people so far. */
  lines(): string[] {
    return this.printed.split('\n').filter((line) => line !== '' && !line.startsWith('{'));
  }

  /** Its exit code and what it printed for people, once it has ended by itself. */
  async ended(): Promise<{ code: number | null; lines: string[] }> {
    const late = setTimeout(() => this.child.kill('SIGKILL'), 15_000);
    await once(this.child, 'close');
    clearTimeout(late);
    return { code: this.child.exitCode, lines: this.lines() };
  }
}

/** How a start of an app ends that cannot be. */
export const refused = (app: string, env: Readonly<Record<string, string>>, before?: readonly string[]) =>
  new Started(bundle(app), env, before).ended();
