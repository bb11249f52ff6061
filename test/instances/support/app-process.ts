import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { endProcess } from '#test/support/process/end-process.js';
import { Api } from '#test/support/calls/client.js';
import { Connection } from '#test/support/calls/http.js';
import { until } from '#test/support/until.js';

export type Kind = 'identity' | 'two-factor' | 'admin-policy' | 'audit' | 'openid' | 'gateway';

const main = (kind: Kind | 'notify'): string => join(import.meta.dirname, '../../../dist/bin', `${kind}.js`);

/** One process of one app, at an address that stays the same over its starts. */
export class AppProcess {
  readonly origin: string;
  /** Everything it printed, over all its starts. */
  printed = '';
  private readonly connection: Connection;
  private child: ChildProcess | undefined;

  constructor(
    readonly kind: Kind | 'notify',
    port: number,
    private readonly env: Readonly<Record<string, string>>,
    private readonly folder: string,
  ) {
    this.origin = `http://127.0.0.1:${port}`;
    this.env = { ...env, PORT: String(port) };
    this.connection = new Connection(this.origin);
  }

  /** Straight to it, without a token. */
  get api(): Api {
    return new Api(this.connection);
  }

  /** Resolves when it is ready. */
  async start(): Promise<void> {
    const child = spawn(process.execPath, [main(this.kind)], { cwd: this.folder, env: this.env });
    this.child = child;
    const take = (text: string) => (this.printed += text);
    child.stdout.setEncoding('utf8').on('data', take);
    child.stderr.setEncoding('utf8').on('data', take);
    const isUp = async () => {
      if (child.exitCode !== null || child.signalCode !== null) throw new Error(`${this.kind} ended at its start`);
      return this.connection.isReady();
    };
    await until(`${this.kind} is ready`, isUp, 240_000).catch((error: unknown) => {
      throw new Error(`${(error as Error).message}\n${this.printed.slice(-4_000)}`);
    });
  }

  /** Its exit code; null when a signal ended it. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    const { child } = this;
    this.child = undefined;
    const code = await endProcess(child, signal);
    this.connection.forget();
    return code;
  }
}
