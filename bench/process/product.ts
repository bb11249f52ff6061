import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from '../sections/section.js';
import { type Server, startServer } from './server.js';

const main = new URL('../../bin/standalone.js', import.meta.url);
export const OPERATOR_TOKEN = 'operator-of-the-benchmarks-0123456789';

/** As an operator runs it, with the settings that it has by itself, but without the demo. */
export const productEnv = (dataDir: string, { env }: Context['engine']): Record<string, string> => ({
  DATA_DIR: dataDir,
  OPERATOR_TOKEN,
  DEMO: 'off',
  // many people come from one address here: each section says which
  TRUST_PROXY: '127.0.0.1',
  ...env,
});

export const startProduct = (
  { engine, folder, options }: Context,
  dataDir: string,
  node: readonly string[] = [],
): Promise<Server> =>
  startServer({ module: main, env: productEnv(dataDir, engine), folder, cpu: options.pin ? 0 : undefined, node });

/** How many events the slowest of the consumers is behind. */
export async function lagOf({ url }: Pick<Server, 'url'>): Promise<number> {
  const response = await fetch(`${url}/metrics`);
  const lags = [...(await response.text()).matchAll(/^twinlock_consumer_lag\{.*\} (\d+)$/gm)];
  return Math.max(0, ...lags.map(([, lag]) => Number(lag)));
}

/** Until every consumer has come to the end of the logs. */
export async function caughtUp(server: Pick<Server, 'url'>): Promise<void> {
  // the end of a log is known only from the last read of it, so it is asked twice
  for (let calm = 0; calm < 2; calm = (await lagOf(server)) === 0 ? calm + 1 : 0) await sleep(100);
}
