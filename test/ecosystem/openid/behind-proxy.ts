import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '#libs/platform/src/testing/free-port.js';
import { type Stack, twinlock } from '#test/support/process/stack.js';
import { installedByGo } from '#test/support/servers/installed-by.js';
import { startProcess } from '#test/support/servers/local-process.js';
import { until } from '#test/support/until.js';
import { listens, missingNginx, startNginxWith } from '../support/nginx.js';

const VERSION = 'v7.15.6';
const files = join(import.meta.dirname, '../../../examples/proxy');
const read = (name: string): string => readFileSync(join(files, name), 'utf8');

/** Why they cannot be started on this machine; undefined where they can. */
export const missingProxy = (): string | undefined =>
  missingNginx() ?? missing('redis-server', '--version') ?? missing('go', 'version');
const missing = (program: string, version: string): string | undefined =>
  spawnSync(program, [version]).status === 0 ? undefined : `no ${program}: examples/proxy/README.md`;

export interface Asked {
  readonly path: string;
  readonly account: string;
  readonly username: string;
}

/** An application that knows nothing of logins, behind nginx and oauth2-proxy as `examples/proxy` has them. */
export class BehindProxy {
  origin = '';
  /** What the application was asked, and by whom. */
  readonly asked: Asked[] = [];
  private readonly stops: (() => Promise<unknown>)[] = [];

  constructor(
    private readonly stack: Stack,
    private readonly portal: string,
  ) {}

  /** It may have to be fetched and compiled. */
  async start(): Promise<void> {
    const oauth2Proxy = `github.com/oauth2-proxy/oauth2-proxy/v7@${VERSION}`;
    const program = join(await installedByGo(`oauth2-proxy-${VERSION}`, oauth2Proxy), 'oauth2-proxy');
    const folder = mkdtempSync(join(tmpdir(), 'behind-proxy-'));
    this.stops.push(async () => rmSync(folder, { recursive: true, force: true }));
    const [port, proxy, redis] = [await freePort(), await freePort(), await freePort()];
    const here = replacing({
      '127.0.0.1:3000': new URL(this.stack.origin).host,
      '/p/demo': `/p/${this.portal}`,
      'register demo': `register ${this.portal}`,
      // a host of its own, for cookies of its own
      'http://127.0.0.1:8080': `http://localhost:${port}`,
      '127.0.0.1:8080': `127.0.0.1:${port}`,
      '127.0.0.1:8081': `127.0.0.1:${await this.startApplication()}`,
      '127.0.0.1:4180': `127.0.0.1:${proxy}`,
      '127.0.0.1:6379': `127.0.0.1:${redis}`,
    });
    const clientId = await this.register(folder, here(/^```sh\n(.*?)^```/ms.exec(read('README.md'))![1]!));
    const configured = (name: string) => here(read(name)).replaceAll('CLIENT_ID', clientId);
    writeFileSync(join(folder, 'oauth2-proxy.cfg'), configured('oauth2-proxy.cfg'));
    await this.run('redis-server', ['--port', `${redis}`, '--bind', '127.0.0.1', '--save', ''], folder, redis);
    await this.run(program, ['--config', 'oauth2-proxy.cfg'], folder, proxy);
    const nginx = await startNginxWith(configured('nginx.conf'), port);
    this.stops.push(() => nginx.stop());
    this.origin = `http://localhost:${port}`;
  }

  async stop(): Promise<void> {
    for (const stop of this.stops.splice(0).reverse()) await stop();
  }

  private async run(program: string, args: string[], folder: string, port: number): Promise<void> {
    const serves = () => until(`${program} listens`, () => listens(port)).then(() => undefined);
    const started = await startProcess(program, { program, args, folder, serves });
    this.stops.push(() => started.kill());
  }

  /** As the page says it. The client's id. */
  private async register(cwd: string, commands: string): Promise<string> {
    const script = `set -euo pipefail\ntwinlock() { "${process.execPath}" "${twinlock}" "$@"; }\n${commands}`;
    const { stdout } = await promisify(execFile)('bash', ['-c', script], { cwd, env: this.stack.env() });
    return /^Registered ([0-9a-f-]{36})\./m.exec(stdout)![1]!;
  }

  private async startApplication(): Promise<number> {
    const server = createServer(({ url = '', headers }, response) => {
      const { 'x-account': account, 'x-username': username } = headers;
      this.asked.push({ path: url, account: String(account), username: String(username) });
      response.end(`<title>the application</title><h1>Welcome</h1>`);
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    this.stops.push(async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    });
    return (server.address() as AddressInfo).port;
  }
}

const replacing =
  (places: Readonly<Record<string, string>>) =>
  (text: string): string =>
    Object.entries(places).reduce((all, [from, to]) => all.replaceAll(from, to), text);
