import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '#libs/platform/src/testing/free-port.js';
import { answering } from '../kafka.js';
import { libraries } from './local.js';

const run = promisify(execFile);

/** A broker of ours that speaks TLS, wants a password, and lets nobody do what no ACL allows. */
export interface SecuredKafka {
  /** Over TLS, with SASL/PLAIN. */
  readonly broker: string;
  /** Without either: whoever comes here may do everything. */
  readonly open: string;
  /** PEM file of the authority that signed the broker's certificate. */
  readonly caFile: string;
  readonly passwordOf: (user: string) => string;
  stop(): Promise<void>;
}

/** @throws Error why it cannot be started here */
export async function startSecured(users: readonly string[]): Promise<SecuredKafka> {
  const folder = await mkdtemp(join(tmpdir(), 'kafka-secured-'));
  let child: ChildProcess | undefined;
  const stop = async () => {
    if (child?.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    }
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const classpath = join(await libraries(), '*');
    const [secured, open, controller] = [await freePort(), await freePort(), await freePort()];
    const passwords = new Map(users.map((user) => [user, randomBytes(12).toString('hex')]));
    const caFile = join(folder, 'cert.pem');
    const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
    const key = ['-newkey', 'rsa:2048', '-nodes', '-keyout', join(folder, 'key.pem'), '-out', caFile];
    await run('openssl', ['req', '-x509', '-days', '2', ...subject, ...key]);
    const keystore = join(folder, 'keystore.pem');
    await writeFile(keystore, (await readFile(join(folder, 'key.pem'), 'utf8')) + (await readFile(caFile, 'utf8')));
    const settings = join(folder, 'server.properties');
    await writeFile(settings, properties({ folder, keystore, secured, open, controller, passwords }));
    const id = randomBytes(16).toString('base64url').replace(/^-/, 'A');
    await run('java', ['-cp', classpath, 'kafka.tools.StorageTool', 'format', '-t', id, '-c', settings]);
    const jvm = ['-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-cp', classpath];
    child = spawn('java', [...jvm, 'kafka.Kafka', settings], { cwd: folder, stdio: 'ignore' });
    await answering(`127.0.0.1:${open}`, 60_000);
    return {
      broker: `127.0.0.1:${secured}`,
      open: `127.0.0.1:${open}`,
      caFile,
      passwordOf: (user) => passwords.get(user) ?? '',
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Parts {
  readonly folder: string;
  readonly keystore: string;
  readonly secured: number;
  readonly open: number;
  readonly controller: number;
  readonly passwords: ReadonlyMap<string, string>;
}

function properties({ folder, keystore, secured, open, controller, passwords }: Parts): string {
  const users = [...passwords].map(([user, password]) => `user_${user}="${password}"`).join(' ');
  const login = 'org.apache.kafka.common.security.plain.PlainLoginModule required';
  return [
    'process.roles=broker,controller',
    'node.id=1',
    `controller.quorum.voters=1@127.0.0.1:${controller}`,
    `listeners=SASL_SSL://127.0.0.1:${secured},PLAINTEXT://127.0.0.1:${open},CONTROLLER://127.0.0.1:${controller}`,
    `advertised.listeners=SASL_SSL://127.0.0.1:${secured},PLAINTEXT://127.0.0.1:${open}`,
    'inter.broker.listener.name=PLAINTEXT',
    'controller.listener.names=CONTROLLER',
    'listener.security.protocol.map=SASL_SSL:SASL_SSL,PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'sasl.enabled.mechanisms=PLAIN',
    `listener.name.sasl_ssl.plain.sasl.jaas.config=${login} ${users};`,
    'ssl.keystore.type=PEM',
    `ssl.keystore.location=${keystore}`,
    'authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'super.users=User:ANONYMOUS',
    `log.dirs=${join(folder, 'logs')}`,
    'offsets.topic.replication.factor=1',
    'offsets.topic.num.partitions=4',
    'group.initial.rebalance.delay.ms=0',
    'group.min.session.timeout.ms=500',
    'auto.create.topics.enable=false',
    '',
  ].join('\n');
}
