import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '#libs/platform/src/testing/free-port.js';
import { installedByMaven } from '../installed-by.js';
import { answering, type KafkaProcess } from '../kafka.js';
import { type LocalProcess, startProcess } from '../local-process.js';

const VERSION = '4.3.1';

const run = promisify(execFile);

/** @throws Error why it cannot be started here */
export async function startLocal(): Promise<KafkaProcess> {
  const [port, controllerPort] = [await freePort(), await freePort()];
  const broker = `127.0.0.1:${port}`;
  const server = await startBroker((folder) => properties(broker, `127.0.0.1:${controllerPort}`, folder), broker);
  return Object.assign(server, { broker });
}

/**
 * A broker in a folder of its own.
 * @param settingsIn its server.properties
 * @param broker an address at which it answers without TLS and password
 */
export async function startBroker(settingsIn: (folder: string) => string, broker: string): Promise<LocalProcess> {
  const classpath = join(await libraries(), '*');
  const folder = await mkdtemp(join(tmpdir(), 'kafka-'));
  const settings = join(folder, 'server.properties');
  const id = randomBytes(16).toString('base64url').replace(/^-/, 'A');
  try {
    await writeFile(settings, settingsIn(folder));
    await run('java', ['-cp', classpath, 'kafka.tools.StorageTool', 'format', '-t', id, '-c', settings]);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  const jvm = ['-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-cp', classpath];
  return startProcess('Kafka', {
    program: 'java',
    args: [...jvm, 'kafka.Kafka', settings],
    folder,
    serves: () => answering(broker, 60_000),
  });
}

function properties(broker: string, controller: string, folder: string): string {
  return [
    'process.roles=broker,controller',
    'node.id=1',
    `controller.quorum.voters=1@${controller}`,
    `listeners=PLAINTEXT://${broker},CONTROLLER://${controller}`,
    `advertised.listeners=PLAINTEXT://${broker}`,
    'controller.listener.names=CONTROLLER',
    'listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    `log.dirs=${join(folder, 'logs')}`,
    'offsets.topic.replication.factor=1',
    'offsets.topic.num.partitions=4',
    'transaction.state.log.replication.factor=1',
    'transaction.state.log.min.isr=1',
    'group.initial.rebalance.delay.ms=0',
    'group.min.session.timeout.ms=500',
    'auto.create.topics.enable=false',
    '',
  ].join('\n');
}

/** The broker's jars. */
const libraries = (): Promise<string> =>
  installedByMaven(
    `kafka-${VERSION}`,
    ['kafka_2.13', 'kafka-tools'].map((artifact) => `org.apache.kafka:${artifact}:${VERSION}`),
  );
