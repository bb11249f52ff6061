import { Worker } from '../process/child.js';
import { startServer } from '../process/server.js';
import { makeTopics } from './baselines/kafka-batches.js';
import type { InsertsJob } from './baselines/mongo-inserts.js';
import type { PingJob } from './baselines/ping.js';
import type { Flow } from './in-flight.js';

type Lanes = Pick<PingJob, 'lanes' | 'ofEach' | 'text'>;

/** Kafka and MongoDB with next to nothing before them. */
export interface BareServers {
  inserts(job: Omit<InsertsJob, 'url'>): Promise<Flow>;
  ping(job: Lanes): Promise<Flow>;
  nest(job: Lanes): Promise<Flow>;
  warmUp(): Promise<void>;
  stop(): Promise<void>;
}

const module = (name: string): URL => new URL(`./baselines/${name}.js`, import.meta.url);

export async function openBareServers(env: Readonly<Record<string, string>>, folder: string): Promise<BareServers> {
  const { KAFKA_BROKERS = '', MONGO_URL: url = '' } = env;
  const brokers = KAFKA_BROKERS.split(',');
  await makeTopics(brokers, ['bare.ping', 'bare.pong', 'nest.ping', 'nest.ping.reply']);
  const servers = await Promise.all(
    ['pong', 'nest-kafka'].map((name) => startServer({ module: module(name), env: { KAFKA_BROKERS }, folder })),
  );
  const [inserting, pinging, asking] = ['mongo-inserts', 'ping', 'nest-client'].map(
    (name) => new Worker(module(name)),
  ) as [Worker, Worker, Worker];
  const bare: BareServers = {
    inserts: (job) => inserting.do<InsertsJob, Flow>({ ...job, url }),
    ping: (job) => pinging.do<PingJob, Flow>({ ...job, brokers }),
    nest: (job) => asking.do<PingJob, Flow>({ ...job, brokers }),
    async warmUp() {
      const job = { lanes: 16, ofEach: 50, text: 'warm' };
      await bare.ping(job);
      await bare.nest(job);
      await bare.inserts({ ...job, shared: true });
    },
    async stop() {
      await Promise.all([inserting, pinging, asking].map((worker) => worker.end()));
      await Promise.all(servers.map((server) => server.stop()));
    },
  };
  return bare;
}
