import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The product as `npm start` starts it, on a data directory of its own that goes away afterwards. */
export interface Product {
  readonly url: string;
  readonly operatorToken: string;
  /** The product's time, milliseconds. */
  now(): number;
  /** The story need not wait for the next code: the product reads its clock's offset from a file. */
  wait(seconds: number): void;
  stop(): Promise<void>;
}

export async function startProduct(): Promise<Product> {
  const directory = mkdtempSync(join(tmpdir(), 'twinlock-demo-'));
  const clockFile = join(directory, 'clock');
  const operatorToken = 'demo-operator-' + crypto.randomUUID();
  let offset = 0;
  const main = fileURLToPath(new URL('../../bin/standalone.js', import.meta.url));
  const child = spawn(process.execPath, [main], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      NODE_ENV: 'test',
      HOST: '127.0.0.1',
      PORT: '0',
      DATA_DIR: join(directory, 'data'),
      OPERATOR_TOKEN: operatorToken,
      TEST_CLOCK_FILE: clockFile,
      DEMO: 'off',
      LOG_LEVEL: 'error',
    },
  });
  const url = await new Promise<string>((resolve, reject) => {
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(output);
      if (found) resolve(found[0]);
    });
    child.once('exit', () => reject(new Error('the product did not start')));
  });
  return {
    url,
    operatorToken,
    now: () => Date.now() + offset * 1000,
    wait: (seconds) => {
      offset += seconds;
      writeFileSync(clockFile, String(offset));
    },
    stop: async () => {
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
