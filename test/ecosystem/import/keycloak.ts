import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '#libs/platform/src/testing/free-port.js';
import { endProcess } from '#test/support/process/end-process.js';
import { unpackedByMaven } from '#test/support/servers/installed-by.js';
import { until } from '#test/support/until.js';
import { codeOf, type Parameters } from './oathtool.js';

const VERSION = '26.7.3';
const START_MS = 300_000;
const admin = { username: 'admin', password: 'password of the administrator' };
const run = promisify(execFile);

/** The folder of the distribution, with what `kc.sh build` makes of it. */
async function distribution(): Promise<string> {
  const folder = await unpackedByMaven(
    `keycloak-${VERSION}`,
    `org.keycloak:keycloak-quarkus-dist:${VERSION}`,
    async (unpacked) => {
      const script = join(unpacked, `keycloak-${VERSION}/bin/kc.sh`);
      await run('bash', [script, 'build', '--db=dev-file', '--cache=local']);
    },
  );
  return join(folder, `keycloak-${VERSION}`);
}

export interface User {
  readonly username: string;
  readonly password: string;
}

/** A Keycloak on loopback with a database of its own, which people use as they do. */
export class Keycloak {
  private constructor(
    private readonly home: string,
    private readonly folder: string,
    private readonly origin: string,
    private readonly stopServer: () => Promise<unknown>,
  ) {}

  static async start(): Promise<Keycloak> {
    const home = await distribution();
    const folder = await mkdtemp(join(tmpdir(), 'keycloak-'));
    const port = await freePort();
    const options = ['--http-enabled=true', '--hostname-strict=false', '--http-host=127.0.0.1', `--http-port=${port}`];
    const child = spawn('bash', [join(home, 'bin/kc.sh'), 'start', '--optimized', ...options], {
      env: {
        ...environment(folder),
        KC_BOOTSTRAP_ADMIN_USERNAME: admin.username,
        KC_BOOTSTRAP_ADMIN_PASSWORD: admin.password,
      },
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-4_000)));
    const origin = `http://127.0.0.1:${port}`;
    const keycloak = new Keycloak(home, folder, origin, () => endProcess(child, 'SIGTERM'));
    await until(
      'Keycloak serves',
      async () => {
        if (child.exitCode !== null) throw new Error(`Keycloak ended at its start: ${said}`);
        return (await fetch(`${origin}/realms/master`).catch(() => undefined))?.ok === true;
      },
      START_MS,
    ).catch(async (error: unknown) => {
      await keycloak.remove();
      throw error;
    });
    return keycloak;
  }

  /** Of its OpenID Provider for that realm. */
  issuer(realm: string): string {
    return `${this.origin}/realms/${realm}`;
  }

  async stop(): Promise<void> {
    await this.stopServer();
  }

  async remove(): Promise<void> {
    await this.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** By the admin API: what it is told of passwords is plain, and it hashes them by the policy of the realm. */
  async createRealm(realm: Readonly<Record<string, unknown>>): Promise<void> {
    const body = new URLSearchParams({ grant_type: 'password', client_id: 'admin-cli', ...admin });
    const granted = await fetch(`${this.origin}/realms/master/protocol/openid-connect/token`, { method: 'POST', body });
    const { access_token: token } = (await granted.json()) as { access_token: string };
    const answer = await fetch(`${this.origin}/admin/realms`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ enabled: true, ...realm }),
    });
    if (answer.status !== 201) throw new Error(`no realm: ${answer.status} ${await answer.text()}`);
  }

  /**
   * On the pages of the realm, as a person does it who is told to set up an authenticator: logs in, takes the key over, and
   * confirms with a code. Answers with the key, as the app has it from then on.
   */
  async enrol(realm: string, { username, password }: User, parameters: Parameters): Promise<Buffer> {
    const browser = new Browser();
    const account = `${this.origin}/realms/${realm}/account/`;
    const query = new URLSearchParams({ client_id: 'account', response_type: 'code', redirect_uri: account });
    const login = await browser.page(`${this.origin}/realms/${realm}/protocol/openid-connect/auth?${query.toString()}`);
    const setUp = await browser.submit(login, { username, password });
    const text = /name="totpSecret"[^>]*value="(?<secret>[^"]+)"/.exec(setUp)?.groups?.secret;
    if (text === undefined) throw new Error(`no page to set up an authenticator: ${setUp.slice(0, 2_000)}`);
    const secret = Buffer.from(text, 'utf8');
    const answer = await browser.post(setUp, {
      totp: await codeOf(secret, parameters),
      totpSecret: text,
      userLabel: 'Work phone',
    });
    if (!answer.headers.get('location')?.startsWith(account)) throw new Error(`not enrolled: ${answer.status}`);
    return secret;
  }

  /** By `kc.sh export`, with the server stopped: the files with the users of each realm. */
  async export(): Promise<(realm: string) => string[]> {
    const files = join(this.folder, 'export');
    const args = [join(this.home, 'bin/kc.sh'), 'export', '--optimized', '--dir', files, '--users', 'different_files'];
    await run('bash', args, { env: environment(this.folder), maxBuffer: 16 * 1024 * 1024 });
    const all = await readdir(files);
    return (realm) => all.filter((name) => name.startsWith(`${realm}-users-`)).map((name) => join(files, name));
  }
}

const environment = (folder: string): Record<string, string> => ({
  PATH: process.env.PATH ?? '',
  ...(process.env.JAVA_HOME !== undefined && { JAVA_HOME: process.env.JAVA_HOME }),
  KC_DB_URL: `jdbc:h2:file:${join(folder, 'database')};NON_KEYWORDS=VALUE`,
});

/** As much of one as forms need. */
class Browser {
  private readonly cookies = new Map<string, string>();

  async page(url: string): Promise<string> {
    return this.follow(await this.send(url));
  }

  async submit(page: string, fields: Record<string, string>): Promise<string> {
    return this.follow(await this.post(page, fields));
  }

  /** The answer itself. */
  post(page: string, fields: Record<string, string>): Promise<Response> {
    const action = /<form[^>]*action="(?<action>[^"]+)"/.exec(page)?.groups?.action;
    if (action === undefined) throw new Error(`no form: ${page.slice(0, 2_000)}`);
    return this.send(action.replaceAll('&amp;', '&'), { method: 'POST', body: new URLSearchParams(fields) });
  }

  private async follow(answer: Response): Promise<string> {
    const location = answer.headers.get('location');
    return location === null ? answer.text() : this.page(location);
  }

  private async send(url: string, init: RequestInit = {}): Promise<Response> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await fetch(url, { ...init, redirect: 'manual', headers: { cookie } });
    for (const set of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(set)!;
      this.cookies.set(name!, value!);
    }
    return answer;
  }
}
