import { pino } from 'pino';
import type { AppName } from '#libs/contracts/src/http/endpoint.js';
import { type Admin, KafkaConnection, type KafkaSettings } from './connection.js';
import { type TopicOptions, Topics } from './topics.js';

export interface KafkaInspection {
  /** How many the cluster has. */
  readonly brokers: number;
  /** Of those that were named. */
  readonly unreachable: readonly string[];
  readonly topics: readonly TopicInspection[];
}
export interface TopicInspection {
  readonly topic: string;
  readonly missing: boolean;
  /** In which it is not as the apps make it. */
  readonly faults: readonly string[];
}

/** Kafka's number of what is a topic (`org.apache.kafka.common.config.ConfigResource.Type`). */
const TOPIC = 2;

export interface InspectionOptions extends TopicOptions {
  /** Whose topics must be there. */
  readonly apps: readonly AppName[];
}

/** Looks at the brokers and at the topics of apps. Changes nothing. @throws what kafkajs throws */
export async function lookIntoKafka(settings: KafkaSettings, options: InspectionOptions): Promise<KafkaInspection> {
  const reached = await Promise.all(settings.brokers.map((broker) => reaches({ ...settings, brokers: [broker] })));
  const reachable = settings.brokers.filter((_, at) => reached[at]);
  const admin = adminOf(reachable.length === 0 ? settings : { ...settings, brokers: reachable });
  await admin.connect();
  try {
    const { brokers } = await admin.describeCluster();
    const unreachable = settings.brokers.filter((_, at) => !reached[at]);
    return { brokers: brokers.length, unreachable, topics: await topicsOf(admin, options) };
  } finally {
    await admin.disconnect();
  }
}

function adminOf(settings: KafkaSettings): Admin {
  return new KafkaConnection(settings, { logger: pino({ level: 'silent' }), clientId: 'twinlock-doctor' }).admin();
}

async function reaches(settings: KafkaSettings): Promise<boolean> {
  const admin = adminOf(settings);
  try {
    await admin.connect();
    await admin.disconnect();
    return true;
  } catch {
    return false;
  }
}

async function topicsOf(admin: Admin, { apps, ...options }: InspectionOptions): Promise<TopicInspection[]> {
  const all = new Topics(options);
  const wanted = apps.flatMap((app) => all.of(app, app === 'two-factor'));
  const there = new Set(await admin.listTopics());
  const present = wanted.filter(({ topic }) => there.has(topic)).map(({ topic }) => topic);
  const partitions = new Map<string, number>();
  const configs = new Map<string, ReadonlyMap<string, string>>();
  if (present.length > 0) {
    const { topics } = await admin.fetchTopicMetadata({ topics: present });
    for (const topic of topics) partitions.set(topic.name, topic.partitions.length);
    const resources = present.map((name) => ({ type: TOPIC, name }));
    const described = await admin.describeConfigs({ includeSynonyms: false, resources });
    for (const { resourceName, configEntries } of described.resources)
      configs.set(resourceName, new Map(configEntries.map(({ configName, configValue }) => [configName, configValue])));
  }
  return wanted.map(({ topic, partitions: number, config }) => {
    if (!there.has(topic)) return { topic, missing: true, faults: [] };
    const given = partitions.get(topic);
    const faults = Object.entries(config)
      .map(([name, value]) => [name, value, configs.get(topic)?.get(name)] as const)
      // how a segment is cut changes nothing that anybody relies on
      .filter(([name, value, is]) => name !== 'segment.ms' && is !== undefined && is !== value)
      .map(([name, value, is]) => `${name} is ${is}, not ${value}`);
    if (given !== undefined && given !== number) faults.unshift(`${given} partitions, not ${number}`);
    return { topic, missing: false, faults };
  });
}
