import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '#libs/platform/src/testing/free-port.js';
import { Api } from '../calls/client.js';
import { TestClock } from '../clock.js';
import { Connection } from '../calls/http.js';
import type { Product } from '../people/portal.js';
import { startEngine } from '../servers/engines.js';
import { environment, standalone } from './stack.js';
import { until } from '../until.js';

/** What one spec file hands on to the next. */
interface Handover {
  readonly pid: number;
  readonly port: number;
  readonly operatorToken: string;
  readonly dataDir: string;
  readonly clockFile: string;
}

interface Place extends Handover {
  readonly connection: Connection;
  readonly clock: TestClock;
}

const START_MS = 110_000;
/** What was tried from an address is forgotten by then (R15). */
const PAUSE_MINUTES = 16;

/**
 * One running product on the embedded engine for the spec files of a Jest worker, one after the other: each has portals of its
 * own. The first starts it; it ends with the run (test/setup/shared-products.mjs). Its clock only moves on.
 */
export class SharedProduct implements Product {
  private there: Place | undefined;

  /** @param folder that of the worker's product alone */
  constructor(private readonly folder: string) {}

  async join(): Promise<void> {
    const handover = (await this.running()) ?? (await this.begin());
    this.there = {
      ...handover,
      connection: new Connection(`http://127.0.0.1:${handover.port}`),
      clock: TestClock.of(handover.clockFile),
    };
    this.there.clock.minutes(PAUSE_MINUTES);
  }

  leave(): void {
    this.there?.connection.close();
  }

  private get place(): Place {
    if (this.there === undefined) throw new Error('the product has not been started yet');
    return this.there;
  }
  get operatorToken(): string {
    return this.place.operatorToken;
  }
  get origin(): string {
    return this.place.connection.origin;
  }
  get clock(): TestClock {
    return this.place.clock;
  }
  get api(): Api {
    return new Api(this.place.connection);
  }
  get operator(): Api {
    return this.api.as(this.operatorToken);
  }

  async recorded(portal: string): Promise<number> {
    return (await startEngine('embedded')).recorded(portal, this.place.dataDir);
  }

  private get file(): string {
    return `${this.folder}.json`;
  }

  private async running(): Promise<Handover | undefined> {
    if (!existsSync(this.file)) return undefined;
    const found = JSON.parse(readFileSync(this.file, 'utf8')) as Handover;
    return (await isReady(found.port)) ? found : undefined;
  }

  private async begin(): Promise<Handover> {
    const folder = mkdtempSync(`${this.folder}-`);
    const [clockFile, dataDir] = [join(folder, 'clock'), join(folder, 'data')];
    const operatorToken = `operator-${randomBytes(24).toString('hex')}`;
    const port = await freePort();
    new TestClock(clockFile);
    const output = openSync(join(folder, 'output'), 'a');
    const env = environment({ port, dataDir, operatorToken, clockFile });
    const child = spawn(process.execPath, [standalone], { cwd: folder, env, stdio: ['ignore', output, output] });
    // it outlives the spec file, and its worker need not wait for it
    child.unref();
    const handover: Handover = { pid: child.pid!, port, operatorToken, dataDir, clockFile };
    writeFileSync(this.file, JSON.stringify(handover));
    await until('the shared product is ready', () => child.exitCode === null && isReady(port), START_MS).catch(() => {
      throw new Error(
        `the shared product did not start:\n${readFileSync(join(folder, 'output'), 'utf8').slice(-4000)}`,
      );
    });
    return handover;
  }
}

async function isReady(port: number): Promise<boolean> {
  const connection = new Connection(`http://127.0.0.1:${port}`);
  try {
    return await connection.isReady();
  } finally {
    connection.close();
  }
}
