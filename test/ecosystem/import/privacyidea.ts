import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { installedByPip } from '#test/support/servers/installed-by.js';
import type { Parameters } from './oathtool.js';

const VERSION = '3.14';
const run = promisify(execFile);

export interface Enrolment extends Partial<Parameters> {
  readonly username: string;
  readonly kind?: 'totp' | 'hotp';
}

/** A privacyIDEA with a database in SQLite, used by its own tools. */
export class PrivacyIdea {
  private constructor(
    private readonly venv: string,
    private readonly folder: string,
  ) {}

  static async make(usernames: readonly string[]): Promise<PrivacyIdea> {
    const venv = await installedByPip(`privacyidea-${VERSION}`, [`privacyidea==${VERSION}`]);
    const folder = await mkdtemp(join(tmpdir(), 'privacyidea-'));
    const made = new PrivacyIdea(venv, folder);
    await writeFile(join(folder, 'pi.cfg'), settings(folder));
    await writeFile(
      join(folder, 'people'),
      usernames.map((name, index) => `${name}:x:${1000 + index}:1000:::\n`).join(''),
    );
    await writeFile(join(folder, 'resolver'), JSON.stringify({ fileName: join(folder, 'people') }));
    await made.manage('setup', 'create_enckey');
    await made.manage('setup', 'create_tables');
    await made.manage('config', 'resolver', 'create', 'people', 'passwdresolver', join(folder, 'resolver'));
    await made.manage('config', 'realm', 'create', 'staff', 'people');
    return made;
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }

  /** Its server makes the key of each. Answers with what the QR codes show, as the apps have it from then on. */
  async enrol(tokens: readonly Enrolment[]): Promise<string[]> {
    const script = join(this.folder, 'enrol.py');
    await writeFile(script, enrolment);
    const { stdout } = await this.python(script, JSON.stringify(tokens));
    return JSON.parse(stdout.trim().split('\n').at(-1)!) as string[];
  }

  /** As its administrator does it: the keys, whose they are, and on the side the key that they are encrypted under. */
  async export(): Promise<{ pskc: string; owners: string; key: string }> {
    const janitor = (...args: string[]) => this.python(join(this.venv, 'bin/pi-tokenjanitor'), 'find', ...args);
    const assigned = ['--assigned', 'True', 'export', '--format'];
    const { stdout: pskc, stderr } = await janitor(...assigned, 'pskc');
    const key = /^\s*(?<key>[0-9a-f]{32})\s*$/m.exec(stderr)?.groups?.key;
    if (key === undefined) throw new Error(`no key: ${stderr}`);
    const { stdout: csv } = await janitor(...assigned, 'csv');
    // cut -d, -f1,2
    const owners = csv.replace(/^([^,]*,[^,]*).*$/gm, '$1');
    return { pskc, owners, key };
  }

  private manage(...args: string[]): Promise<unknown> {
    return this.python(join(this.venv, 'bin/pi-manage'), ...args);
  }

  private python(...args: string[]): Promise<{ stdout: string; stderr: string }> {
    const env = { PATH: process.env.PATH ?? '', PRIVACYIDEA_CONFIGFILE: join(this.folder, 'pi.cfg') };
    return run(join(this.venv, 'bin/python'), args, { cwd: this.folder, env, maxBuffer: 16 * 1024 * 1024 });
  }
}

const settings = (folder: string): string => `
SQLALCHEMY_DATABASE_URI = 'sqlite:///${folder}/database'
SECRET_KEY = '${'k'.repeat(32)}'
PI_PEPPER = '${'p'.repeat(32)}'
PI_ENCFILE = '${folder}/enckey'
PI_LOGFILE = '${folder}/log'
PI_AUDIT_MODULE = 'privacyidea.lib.auditmodules.base'
SUPERUSER_REALM = ['super']
`;

const enrolment = `
import json, os, sys
from privacyidea.app import create_app
app = create_app(config_name="production", config_file=os.environ["PRIVACYIDEA_CONFIGFILE"], silent=True)
with app.app_context():
    from privacyidea.lib.token import init_token
    from privacyidea.lib.user import User
    uris = []
    for one in json.loads(sys.argv[1]):
        user = User(one["username"], "staff")
        parameters = {
            "type": one.get("kind", "totp"),
            "genkey": 1,
            "hashlib": one.get("algorithm", "SHA1").lower(),
            "otplen": one.get("digits", 6),
            "timeStep": one.get("period", 30),
            "description": "Phone of " + one["username"],
        }
        token = init_token(parameters, user=user)
        uris.append(token.get_init_detail(parameters, user)["googleurl"]["value"])
print(json.dumps(uris))
`;
