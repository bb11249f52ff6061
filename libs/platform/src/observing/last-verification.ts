import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Verification, verification } from '#libs/contracts/src/installation.js';
import type { Engine } from '#libs/engine/src/port.js';
import type { Config } from '../settings/config.js';
import { replacePrivate } from '../settings/secrets.js';

const KEY = ['last'];

/**
 * The last outcome of `twinlock verify`, which runs beside the apps. No other process may write to an embedded store, so beside
 * one it is a file.
 */
export class LastVerification {
  constructor(
    private readonly config: Pick<Config, 'mongoUrl' | 'dataDir'>,
    private readonly engine: Pick<Engine, 'records'>,
  ) {}

  /** Undefined: there is none, or what stands there is none. @throws StoreUnavailable, and what `fs` throws */
  async read(): Promise<Verification | undefined> {
    const read = verification.safeParse(
      this.config.mongoUrl === undefined ? this.#inFile() : await this.#records().get(KEY),
    );
    return read.data;
  }

  async note(outcome: Verification): Promise<void> {
    if (this.config.mongoUrl === undefined) replacePrivate(this.#file(), `${JSON.stringify(outcome)}\n`);
    else await this.#records().put(KEY, outcome);
  }

  #inFile(): unknown {
    try {
      return JSON.parse(readFileSync(this.#file(), 'utf8'));
    } catch (error) {
      if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  #file(): string {
    return join(this.config.dataDir, 'last-verification.json');
  }

  #records() {
    return this.engine.records<Verification>('last-verification');
  }
}
