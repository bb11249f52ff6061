import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '#libs/platform/src/testing/free-port.js';
import { endProcess } from './end-process.js';
import { Api } from '../calls/client.js';
import { TestClock } from '../clock.js';
import {
  chosenEngine,
  type EngineName,
  engineOn,
  type RunningEngine,
  type Servers,
  startEngine,
} from '../servers/engines.js';
import { Connection } from '../calls/http.js';
import { bundle } from './started.js';
import { until } from '../until.js';

export const standalone = bundle('standalone');

/** The command line. */
export const twinlock = bundle('twinlock');

/** Alone it takes a few seconds; after a kill it waits until Kafka has given up the dead one. */
const START_MS = 110_000;

export interface StackOptions {
  /** Make the demo portal. */
  demo?: boolean;
  engine?: EngineName;
  /** The servers of `kafka-mongo`, which go on when the stack stops. */
  servers?: Servers;
  env?: Record<string, string>;
  /** `PUBLIC_URL` is where it listens, as a browser needs it that is to follow its links. */
  public?: boolean;
}

/** The built product as its users run it: a process of its own, spoken to over HTTP alone. */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const stack = new Stack(options);
  await stack.start().catch(async (error: unknown) => {
    await stack.stop();
    throw error;
  });
  return stack;
}

interface Environment {
  readonly port: number;
  readonly dataDir: string;
  readonly operatorToken: string;
  readonly clockFile: string;
}

/** What a product of the tests is started with, whatever its engine. */
export const environment = ({ port, dataDir, operatorToken, clockFile }: Environment): Record<string, string> => ({
  PATH: process.env.PATH ?? '',
  NODE_ENV: 'test',
  HOST: '127.0.0.1',
  PORT: String(port),
  DATA_DIR: dataDir,
  OPERATOR_TOKEN: operatorToken,
  DEMO: 'off',
  LOG_LEVEL: 'info',
  TEST_CLOCK_FILE: clockFile,
});

/** What a stack has from its first start to its end. */
interface Place {
  readonly folder: string;
  readonly engine: RunningEngine;
  readonly port: number;
  readonly connection: Connection;
  readonly api: Api;
  readonly clock: TestClock;
}

export class Stack {
  readonly operatorToken = `operator-${randomBytes(24).toString('hex')}`;
  private there: Place | undefined;
  private process: ChildProcess | null = null;
  private printed = '';
  private stopped = false;

  constructor(private readonly options: StackOptions = {}) {}

  private get place(): Place {
    if (this.there === undefined) throw new Error('the stack has not been started yet');
    return this.there;
  }

  private async prepare(): Promise<Place> {
    if (!existsSync(standalone)) throw new Error('the product is not built: npm run build');
    const { servers } = this.options;
    const engine = servers ? engineOn(servers) : await startEngine(this.options.engine ?? chosenEngine());
    const port = await freePort();
    const folder = mkdtempSync(join(tmpdir(), 'twinlock-'));
    const connection = new Connection(`http://127.0.0.1:${port}`);
    const clock = new TestClock(join(folder, 'clock'));
    return { folder, engine, port, connection, api: new Api(connection), clock };
  }

  get clock(): TestClock {
    return this.place.clock;
  }
  get dataDir(): string {
    return join(this.place.folder, 'data');
  }
  get origin(): string {
    return this.place.connection.origin;
  }
  get engine(): RunningEngine {
    return this.place.engine;
  }

  /** Without a token; `api.as(token)`, `api.from(address)`. */
  get api(): Api {
    return this.place.api;
  }
  get operator(): Api {
    return this.api.as(this.operatorToken);
  }

  /** What names its engines to whatever else is to meet it there. */
  get engineSettings(): Readonly<Record<string, string>> {
    return this.engine.env;
  }

  /** Of the process of the product. */
  get pid(): number {
    if (this.process?.pid === undefined) throw new Error('the product is not running');
    return this.process.pid;
  }

  /** Everything the product printed so far, over all its starts. */
  output(): string {
    return this.printed;
  }

  /** The body of every error that the product answered so far. */
  errors(): readonly string[] {
    return this.place.connection.errors;
  }

  /** Resolves when it is ready, unless told another sign. */
  async start(isUp = () => this.place.connection.isReady()): Promise<void> {
    // by a test whose time ran out: nobody would end it
    if (this.stopped) throw new Error('the stack was stopped');
    this.there ??= await this.prepare();
    const child = spawn(process.execPath, [standalone], { cwd: this.there.folder, env: this.env() });
    this.process = child;
    const take = (text: string) => (this.printed += text);
    child.stdout.setEncoding('utf8').on('data', take);
    child.stderr.setEncoding('utf8').on('data', take);
    await until(
      'the product is ready',
      async () => {
        if (child.exitCode !== null || child.signalCode !== null) {
          throw new Error(
            `the product ended at its start (${child.exitCode ?? child.signalCode}):\n${this.printed.slice(-4000)}`,
          );
        }
        return isUp();
      },
      START_MS,
    ).catch((error: unknown) => {
      child.kill('SIGKILL');
      throw error instanceof Error ? new Error(`${error.message}\n${this.printed.slice(-4000)}`) : error;
    });
  }

  /** As a power cut does it: nothing in the process gets a chance to tidy up. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  async restart(): Promise<void> {
    await this.kill();
    await this.start();
  }

  /** Ends the product as an operator does, keeping its data. Its exit code; null when a signal ended it. */
  shutDown(): Promise<number | null> {
    return this.end('SIGTERM');
  }

  /** Runs `twinlock …` on the data of this stack. */
  async run(...args: string[]): Promise<{ stdout: string; stderr: string }> {
    return promisify(execFile)(process.execPath, [twinlock, ...args], { cwd: this.place.folder, env: this.env() });
  }

  /** A folder with all that is stored: what stands in a database or on a bus is written into files first. */
  async stored(): Promise<string> {
    await this.engine.keep(join(this.dataDir, 'kept'));
    return this.dataDir;
  }

  /** How many events of a portal are recorded now. */
  recorded(portal: string): Promise<number> {
    return this.engine.recorded(portal, this.dataDir);
  }

  /** As the operator does it, with the product shut down. */
  async backUp(folder: string): Promise<void> {
    if (this.engine.backUp) await this.engine.backUp(folder);
    else await this.run('backup', folder);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.shutDown();
    if (this.there === undefined) return;
    const { connection, engine, folder } = this.there;
    connection.close();
    await engine.stop();
    rmSync(folder, { recursive: true, force: true });
  }

  private async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
    const child = this.process;
    this.process = null;
    const code = await endProcess(child, signal);
    this.there?.connection.forget();
    return code;
  }

  /** What the product and its tools are started with. */
  env(): Record<string, string> {
    const { dataDir, operatorToken, clock } = this;
    return {
      ...environment({ port: this.place.port, dataDir, operatorToken, clockFile: clock.file }),
      ...(this.options.demo && { DEMO: 'on' }),
      ...this.engine.env,
      ...this.options.env,
      ...(this.options.public && { PUBLIC_URL: this.origin }),
    };
  }
}
