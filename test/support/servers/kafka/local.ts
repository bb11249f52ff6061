import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '#libs/platform/src/testing/free-port.js';
import { answering, type KafkaProcess } from '../kafka.js';
import { until } from '../../until.js';

const VERSION = '4.3.1';

const run = promisify(execFile);

/** @throws Error why it cannot be started here */
export async function startLocal(): Promise<KafkaProcess> {
  const classpath = join(await libraries(), '*');
  const server = new LocalKafka(classpath, await freePort(), await freePort(), await mkdtemp(join(tmpdir(), 'kafka-')));
  try {
    await server.format();
    await server.start();
  } catch (error) {
    await server.remove();
    throw error;
  }
  return server;
}

class LocalKafka implements KafkaProcess {
  readonly broker: string;
  private process: ChildProcess | undefined;
  private said = '';
  private readonly settings: string;

  constructor(
    private readonly classpath: string,
    private readonly port: number,
    private readonly controllerPort: number,
    private readonly folder: string,
  ) {
    this.broker = `127.0.0.1:${port}`;
    this.settings = join(folder, 'server.properties');
  }

  async format(): Promise<void> {
    await writeFile(this.settings, this.#properties());
    const id = randomBytes(16).toString('base64url');
    const tool = ['kafka.tools.StorageTool', 'format', '-t', id.replace(/^-/, 'A'), '-c', this.settings];
    await run('java', ['-cp', this.classpath, ...tool]);
  }

  async start(): Promise<void> {
    const jvm = ['-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-cp', this.classpath];
    const child = spawn('java', [...jvm, 'kafka.Kafka', this.settings], { cwd: this.folder });
    this.process = child;
    const take = (text: string) => (this.said = (this.said + text).slice(-4_000));
    child.stdout.setEncoding('utf8').on('data', take);
    child.stderr.setEncoding('utf8').on('data', take);
    const ended = once(child, 'exit').then(() => {
      throw new Error(`Kafka ended at its start: ${this.said}`);
    });
    ended.catch(() => 'it was up');
    await Promise.race([answering(this.broker, 60_000), ended]);
  }

  async kill(): Promise<void> {
    const child = this.process;
    this.process = undefined;
    if (child?.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  async freeze(): Promise<void> {
    const pid = this.process?.pid;
    if (pid === undefined || this.process?.kill('SIGSTOP') !== true) throw new Error('there is no process to freeze');
    await until('it is stopped', async () => (await run('ps', ['-o', 'state=', '-p', `${pid}`])).stdout.includes('T'));
  }

  async thaw(): Promise<void> {
    this.process?.kill('SIGCONT');
  }

  async remove(): Promise<void> {
    await this.kill();
    await rm(this.folder, { recursive: true, force: true });
  }

  #properties(): string {
    const controller = `127.0.0.1:${this.controllerPort}`;
    return [
      'process.roles=broker,controller',
      'node.id=1',
      `controller.quorum.voters=1@${controller}`,
      `listeners=PLAINTEXT://${this.broker},CONTROLLER://${controller}`,
      `advertised.listeners=PLAINTEXT://${this.broker}`,
      'controller.listener.names=CONTROLLER',
      'listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
      `log.dirs=${join(this.folder, 'logs')}`,
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
}

/** The broker's jars, fetched once for all checkouts. */
export async function libraries(): Promise<string> {
  const cache = join(homedir(), '.cache/twinlock');
  const installed = join(cache, `kafka-${VERSION}`);
  if (!existsSync(installed)) await install(cache, installed);
  return installed;
}

/** Whole, or not at all: several processes may need it at once. */
async function install(cache: string, target: string): Promise<void> {
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, 'fetching-'));
  try {
    await writeFile(join(folder, 'pom.xml'), pom);
    const goal = ['dependency:copy-dependencies', `-DoutputDirectory=${join(folder, 'lib')}`];
    await run('mvn', ['-q', '-B', '-f', join(folder, 'pom.xml'), ...goal]);
    await rename(join(folder, 'lib'), target).catch((error: unknown) => {
      if (!existsSync(target)) throw error;
    });
  } catch (error) {
    throw new Error(`Kafka cannot be fetched: ${(error as Error).message}`, { cause: error });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const dependency = (artifact: string): string =>
  `<dependency><groupId>org.apache.kafka</groupId><artifactId>${artifact}</artifactId><version>${VERSION}</version></dependency>`;
const pom = `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>twinlock</groupId><artifactId>kafka</artifactId><version>1</version>
<dependencies>${dependency('kafka_2.13')}${dependency('kafka-tools')}</dependencies></project>`;
