import { join } from 'node:path';
import type { Commit } from '#libs/engine/src/port.js';
import { Worker } from '../process/child.js';
import { productEnv, startProduct } from '../process/product.js';
import { type Server, startServer } from '../process/server.js';
import { figure } from '../report/figures.js';
import type { Options } from '../options.js';
import type { Context } from '../sections/section.js';
import { ATTEMPTS, WRONG_CODES } from '../seed/accounts.js';
import type { Portal } from '../seed/portal.js';
import { seed } from '../seed/seed.js';
import { Attempts } from './attempts.js';
import { drive, type Driven, driver } from './drive.js';

const json = { 'content-type': 'application/json' };

/** What is driven in turn, so that what else the machine does hits all of them alike. */
export interface Stations {
  readonly product: Server;
  /** What the product records of a wrong code. */
  readonly wrongCode: Commit;
  /** About so many requests over so many connections. */
  echo(connections: number, requests: number): Promise<Driven>;
  nest(connections: number, requests: number): Promise<Driven>;
  verify(connections: number, requests: number): Promise<Driven>;
  login(connections: number, requests: number): Promise<Driven>;
  /** Verifications of a challenge that is none: they come as far as the command, and nothing is looked at or written. */
  refused(connections: number, requests: number): Promise<Driven>;
  stop(): Promise<void>;
}

export async function openStations(context: Context): Promise<Stations> {
  const { options, engine, folder, say } = context;
  const { accounts } = options.sizes;
  const dataDir = join(folder, 'verify');
  const env = productEnv(dataDir, engine);
  say(`Making ${figure(accounts)} accounts …`);
  const { portal } = await seed({ env, accounts, adopt: true });
  const attempts = new Attempts(env, portal, accounts);

  const cpu = options.pin ? 0 : undefined;
  const echoServer = (name: string) =>
    startServer({ module: new URL(`../baselines/${name}.js`, import.meta.url), folder, cpu });
  const [product, fastify, nest] = [
    await startProduct(context, dataDir, profiling(options)),
    await echoServer('fastify-echo'),
    await echoServer('nest-echo'),
  ];
  const client = new Worker(driver, { cpu: options.pin ? 1 : undefined });

  const bearer = { ...json, authorization: `Bearer ${portal.serviceToken}` };
  const verifyPath = '/v1/challenges/verify';
  const same = (body: string, connections: number) => Array.from({ length: connections }, () => [body]);
  // as long as those of the verifications
  const body = JSON.stringify({ challenge: 'A'.repeat(270), code: '000000' });
  const simple =
    (server: Server, path: string, headers: Record<string, string>) => (connections: number, total: number) =>
      drive(client, server, {
        path,
        headers,
        bodies: same(body, connections),
        requests: Math.ceil(total / connections),
      });
  const attempting =
    (path: string, headers: Record<string, string>, purpose: keyof Portal['challenges']) =>
    async (connections: number, total: number) => {
      const ofEach = Math.max(1, Math.round(total / ATTEMPTS / connections));
      const bodies = attempts.bodies(purpose, connections, ofEach);
      const driven = await drive(client, product, { path, headers, bodies, requests: ofEach * ATTEMPTS });
      checkAnswers(driven, connections * ofEach);
      return driven;
    };

  return {
    product,
    wrongCode: portal.wrongCode,
    echo: simple(fastify, '/', json),
    nest: simple(nest, '/', json),
    refused: simple(product, verifyPath, bearer),
    verify: attempting(verifyPath, bearer, 'gateway'),
    login: attempting('/v1/login/code', json, 'login'),
    async stop() {
      await client.end();
      for (const server of [product, fastify, nest]) await server.stop();
    },
  };
}

const profiling = ({ profile }: Options): string[] =>
  profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`];

/** That the right code passed shows that the challenge was good until the end, so that every wrong one was looked at. */
function checkAnswers({ statuses }: Driven, accounts: number): void {
  if (statuses[200] === accounts && statuses[401] === accounts * WRONG_CODES) return;
  throw new Error(`the answers were not as expected: ${JSON.stringify(statuses)}`);
}
