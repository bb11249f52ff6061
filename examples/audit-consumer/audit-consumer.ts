/**
 * An audit consumer: follows the events of an app on the bus, each after it was found to be what was recorded.
 *
 *     KAFKA_BROKERS=localhost:9092 node dist/examples/audit-consumer/audit-consumer.js two-factor [positions.json]
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { Kafka, logLevel } from 'kafkajs';
import { follow, overKafka } from '#libs/client/src/events/events.js';

const [app = 'two-factor', file = 'positions.json'] = process.argv.slice(2);
const { KAFKA_BROKERS = 'localhost:9092', KAFKA_PREFIX = 'twinlock' } = process.env;
const kafka = new Kafka({ brokers: KAFKA_BROKERS.split(','), logLevel: logLevel.ERROR });
const consumer = kafka.consumer({ groupId: `${KAFKA_PREFIX}.example-audit` });
await consumer.connect();
await consumer.subscribe({ topic: `${KAFKA_PREFIX}.${app}.events`, fromBeginning: true });

const kept = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>) : {};
const positions = {
  load: (key: string) => kept[key],
  save(position: Readonly<Record<string, string>>) {
    Object.assign(kept, position);
    writeFileSync(`${file}.new`, JSON.stringify(kept));
    renameSync(`${file}.new`, file);
  },
};
const stop = new AbortController();
process.once('SIGINT', () => stop.abort());
try {
  await follow(overKafka({ consumer }), {
    positions,
    handle: ({ time, portal, account, type, id }) => console.log(`${time} ${portal}/${account ?? ''} ${type} ${id}`),
    signal: stop.signal,
  });
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
