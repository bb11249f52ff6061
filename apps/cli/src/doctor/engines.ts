import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { appNames, essentialApps, servingApps } from '#libs/contracts/src/http/endpoint.js';
import { openEmbeddedEngine } from '#libs/engine/src/embedded/open.js';
import type { Settings } from '#libs/platform/src/settings/config.js';
import { kafkaConfigOf } from '#libs/platform/src/settings/kafka.js';
import { type OtherClock, otherClock } from './clock.js';
import { failure, type Finding, warning, well } from './finding.js';

export interface Engines {
  readonly findings: readonly Finding[];
  readonly clocks: readonly OtherClock[];
}

/** @param serves a product runs there, and has made what it needs */
export async function engineFindings(settings: Settings, serves: boolean): Promise<Engines> {
  const stores = settings.MONGO_URL === undefined ? await embedded(settings) : await mongo(settings.MONGO_URL);
  return { ...stores, findings: [...stores.findings, ...(await kafka(settings, serves))] };
}

async function embedded({ DATA_DIR }: Settings): Promise<Engines> {
  const there = appNames.filter((app) => existsSync(join(DATA_DIR, app)));
  if (there.length === 0) return { findings: [well('store', `nothing in ${DATA_DIR} yet`)], clocks: [] };
  const findings: Finding[] = [];
  for (const app of there) {
    try {
      const engine = await openEmbeddedEngine({ path: join(DATA_DIR, app), name: app, readOnly: true });
      await engine.close();
    } catch (error) {
      findings.push(
        failure('store', `${app}: ${lineOf(error)}`, 'twinlock verify says where; restore a backup if it is damaged.'),
      );
    }
  }
  const missing = essentialApps.filter((app) => !there.includes(app));
  if (missing.length > 0)
    findings.push(
      failure('store', `${DATA_DIR} has no ${missing.join(', ')}`, 'Restore the folders of all apps from one backup.'),
    );
  return {
    findings: findings.length > 0 ? findings : [well('store', 'the stores of all apps can be opened')],
    clocks: [],
  };
}

async function mongo(url: string): Promise<Engines> {
  const { lookIntoMongo } = await import('#libs/engine/src/mongo/inspection.js');
  try {
    const asked = Date.now();
    const { kind, members, majority, localTime } = await lookIntoMongo(url);
    const clocks = localTime === undefined ? [] : [otherClock('MongoDB', localTime.getTime(), asked, Date.now())];
    if (kind === 'standalone')
      return {
        clocks,
        findings: [
          warning(
            'store',
            'MongoDB answers; it is one server without a replica set, so a write stands on one disk',
            'Make it a replica set of three members: writes are then confirmed by two.',
          ),
        ],
      };
    const says =
      kind === 'sharded'
        ? 'MongoDB answers: a sharded cluster; writes are confirmed by a majority, journaled'
        : `MongoDB answers: ${members} ${members === 1 ? 'member' : 'members'}; writes are confirmed by ${majority}, journaled`;
    const finding =
      kind === 'replica-set' && members < 3
        ? warning('store', says, 'Make it three members: with fewer, one that is away stops everything, or loses it.')
        : well('store', says);
    return { clocks, findings: [finding] };
  } catch (error) {
    return {
      clocks: [],
      findings: [failure('store', `MongoDB: ${lineOf(error)}`, 'Start it, and look at user and members in MONGO_URL.')],
    };
  }
}

async function kafka(settings: Settings, serves: boolean): Promise<Finding[]> {
  const config = kafkaConfigOf(settings);
  if (config === undefined) return [];
  const { lookIntoKafka } = await import('#libs/messaging/src/kafka/cluster/inspection.js');
  try {
    const { brokers, unreachable, topics } = await lookIntoKafka(config, {
      prefix: settings.KAFKA_PREFIX,
      // notify runs where it mails
      apps: settings.SMTP_URL === undefined ? servingApps : appNames,
      partitions: config.partitions ?? 12,
      replication: config.replication ?? 1,
    });
    const reached =
      unreachable.length === 0
        ? well('bus', `Kafka answers: ${brokers} ${brokers === 1 ? 'broker' : 'brokers'}`)
        : warning(
            'bus',
            `Kafka answers, but not ${unreachable.join(', ')}`,
            'Start it, or take it out of KAFKA_BROKERS.',
          );
    return [reached, ...topicFindings(topics, serves)];
  } catch (error) {
    return [
      failure('bus', `Kafka: ${lineOf(error)}`, 'Start it, and look at KAFKA_BROKERS, KAFKA_TLS and KAFKA_SASL_*.'),
    ];
  }
}

function topicFindings(
  topics: readonly { topic: string; missing: boolean; faults: readonly string[] }[],
  serves: boolean,
): Finding[] {
  const missing = topics.filter((topic) => topic.missing).map(({ topic }) => topic);
  const odd = topics.filter(({ faults }) => faults.length > 0);
  const found = odd.map(({ topic, faults }) =>
    warning(
      'topics',
      `${topic}: ${faults.join(', ')}`,
      `kafka-configs.sh --alter --topic ${topic}; docs/operations.md has the table.`,
    ),
  );
  if (missing.length > 0) {
    const says = `${missing.length} of ${topics.length} topics are missing: ${missing.join(', ')}`;
    found.push(
      serves
        ? failure('topics', says, 'Start each app: it makes its own.')
        : well('topics', `${says}; the start makes them`),
    );
  }
  return found.length > 0 ? found : [well('topics', `all ${topics.length} are there, as they should be`)];
}

/** Never what a URL has. */
const lineOf = (error: unknown): string =>
  error instanceof Error ? error.message.split('\n')[0]!.replace(/\/\/[^@/\s]*@/g, '//…@') : 'error';
