import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '#libs/platform/src/testing/free-port.js';
import { startBroker } from './local.js';

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
  const [securedPort, openPort, controllerPort] = [await freePort(), await freePort(), await freePort()];
  const [broker, open] = [`127.0.0.1:${securedPort}`, `127.0.0.1:${openPort}`];
  const passwords = new Map(users.map((user) => [user, randomBytes(12).toString('hex')]));
  const certificates = await mkdtemp(join(tmpdir(), 'kafka-certificates-'));
  const removeCertificates = () => rm(certificates, { recursive: true, force: true });
  try {
    const { caFile, keystore } = await selfSigned(certificates);
    const parts = { broker, open, controller: `127.0.0.1:${controllerPort}`, keystore, passwords };
    const server = await startBroker((folder) => properties(parts, folder), open);
    const stop = async () => {
      await server.remove();
      await removeCertificates();
    };
    return { broker, open, caFile, passwordOf: (user) => passwords.get(user) ?? '', stop };
  } catch (error) {
    await removeCertificates();
    throw error;
  }
}

async function selfSigned(folder: string): Promise<{ caFile: string; keystore: string }> {
  const [caFile, keystore] = [join(folder, 'cert.pem'), join(folder, 'keystore.pem')];
  const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
  // to the same file: the certificate is put after the key
  const files = ['-keyout', keystore, '-out', keystore];
  await run('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...subject, ...files]);
  await run('openssl', ['x509', '-in', keystore, '-out', caFile]);
  return { caFile, keystore };
}

interface Parts {
  readonly broker: string;
  readonly open: string;
  readonly controller: string;
  readonly keystore: string;
  readonly passwords: ReadonlyMap<string, string>;
}

function properties({ broker, open, controller, keystore, passwords }: Parts, folder: string): string {
  const users = [...passwords].map(([user, password]) => `user_${user}="${password}"`).join(' ');
  const login = 'org.apache.kafka.common.security.plain.PlainLoginModule required';
  return [
    'process.roles=broker,controller',
    'node.id=1',
    `controller.quorum.voters=1@${controller}`,
    `listeners=SASL_SSL://${broker},PLAINTEXT://${open},CONTROLLER://${controller}`,
    `advertised.listeners=SASL_SSL://${broker},PLAINTEXT://${open}`,
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
