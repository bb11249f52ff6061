import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Api } from '#test/support/calls/client.js';
import { TestClock } from '#test/support/clock.js';
import { type RunningEngine, startEngine } from '#test/support/servers/engines.js';
import { freePort } from '#libs/platform/src/testing/free-port.js';
import type { Product } from '#test/support/people/portal.js';
import { AppProcess, type Kind } from './app-process.js';

type App = Exclude<Kind, 'gateway'>;
const apps: readonly App[] = ['identity', 'two-factor', 'admin-policy', 'audit', 'openid'];
const urlSetting = (app: App): string => `${app.toUpperCase().replaceAll('-', '_')}_URL`;

/** The apps as their operator runs them: several processes of each, on one Kafka and one MongoDB, behind gateways. */
export class Cluster implements Product {
  readonly operatorToken = `operator-${randomBytes(24).toString('hex')}`;
  readonly clock: TestClock;
  /** By what they run. */
  readonly all: Readonly<Record<Kind, readonly AppProcess[]>>;

  private readonly env: Readonly<Record<string, string>>;
  private readonly mailing: AppProcess[] = [];

  private constructor(
    private readonly engine: RunningEngine,
    private readonly folder: string,
    ports: Readonly<Record<Kind, readonly number[]>>,
    more: Readonly<Record<string, string>>,
  ) {
    this.clock = new TestClock(join(folder, 'clock'));
    const common = { PATH: process.env.PATH ?? '', NODE_ENV: 'test', HOST: '127.0.0.1', LOG_LEVEL: 'info', ...more };
    const newRing = () => `k1:${randomBytes(32).toString('base64')}`;
    const env = (this.env = {
      ...common,
      ...engine.env,
      BUS_KEYS: newRing(),
      TEST_CLOCK_FILE: this.clock.file,
      TRUST_PROXY: '127.0.0.1',
    });
    const OPERATOR_TOKEN = this.operatorToken;
    // each app has a ring of its own
    const rings = { identity: newRing(), 'two-factor': newRing(), 'admin-policy': newRing(), openid: newRing() };
    const urls = apps.map((app) => [urlSetting(app), ports[app].map((port) => `http://127.0.0.1:${port}`).join(',')]);
    const processesOf = (kind: Kind, own: Readonly<Record<string, string>>) =>
      ports[kind].map((port) => new AppProcess(kind, port, own, folder));
    this.all = {
      identity: processesOf('identity', { ...env, OPERATOR_TOKEN, VAULT_KEYS: rings.identity }),
      'two-factor': processesOf('two-factor', { ...env, VAULT_KEYS: rings['two-factor'] }),
      'admin-policy': processesOf('admin-policy', { ...env, OPERATOR_TOKEN, VAULT_KEYS: rings['admin-policy'] }),
      audit: processesOf('audit', env),
      openid: processesOf('openid', {
        PUBLIC_URL: `http://127.0.0.1:${ports.gateway[0]}`,
        ...env,
        VAULT_KEYS: rings.openid,
      }),
      gateway: processesOf('gateway', { ...common, ...(Object.fromEntries(urls) as Record<string, string>) }),
    };
  }

  /**
   * So many of each app and of the gateway, all ready.
   * @param more in the environment of each
   */
  static async start(instances: number, more: Readonly<Record<string, string>> = {}): Promise<Cluster> {
    if (!existsSync(join(import.meta.dirname, '../../../dist/apps'))) throw new Error('the product is not built');
    const portsOf = () => Promise.all(Array.from({ length: instances }, () => freePort()));
    const ports = {
      identity: await portsOf(),
      'two-factor': await portsOf(),
      'admin-policy': await portsOf(),
      audit: await portsOf(),
      openid: await portsOf(),
      gateway: await portsOf(),
    };
    const engine = await startEngine('kafka-mongo');
    const cluster = new Cluster(engine, mkdtempSync(join(tmpdir(), 'twinlock-instances-')), ports, more);
    try {
      // the first of each makes topics and indexes, and all that the second finds
      for (const instance of Array(instances).keys()) {
        await Promise.all(apps.map((app) => cluster.all[app][instance]!.start()));
      }
      await Promise.all(cluster.all.gateway.map((gateway) => gateway.start()));
      return cluster;
    } catch (error) {
      await cluster.stop();
      throw error;
    }
  }

  /** One more process that mails, by that server; ready. */
  async mailBy(SMTP_URL: string): Promise<AppProcess> {
    const notify = new AppProcess('notify', await freePort(), { ...this.env, SMTP_URL }, this.folder);
    this.mailing.push(notify);
    await notify.start();
    return notify;
  }

  /** Of Kafka and MongoDB, and the names in them. */
  get settings(): Readonly<Record<string, string>> {
    return this.engine.env;
  }

  /** How many events of a portal are recorded now. */
  recorded(portal: string): Promise<number> {
    return this.engine.recorded(portal, this.folder);
  }

  /** At the first gateway. */
  get api(): Api {
    return this.all.gateway[0]!.api;
  }
  get operator(): Api {
    return this.api.as(this.operatorToken);
  }

  async stop(): Promise<void> {
    await Promise.all(this.all.gateway.map((gateway) => gateway.end('SIGTERM')));
    const processes = [...this.mailing, ...apps.flatMap((app) => this.all[app])];
    await Promise.all(processes.map((process) => process.end('SIGTERM')));
    await this.engine.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
