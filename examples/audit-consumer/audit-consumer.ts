/**
 * An audit consumer with nothing but kafkajs: follows the events of an app and checks order, ids and hash chain.
 *
 *     KAFKA_BROKERS=localhost:9092 node dist/examples/audit-consumer/audit-consumer.js two-factor
 */
import { createHash } from 'node:crypto';
import { Kafka, logLevel } from 'kafkajs';

const [app = 'two-factor'] = process.argv.slice(2);
const { KAFKA_BROKERS = 'localhost:9092', KAFKA_PREFIX = 'twinlock' } = process.env;
const kafka = new Kafka({ brokers: KAFKA_BROKERS.split(','), logLevel: logLevel.ERROR });
const consumer = kafka.consumer({ groupId: `${KAFKA_PREFIX}.example-audit` });
/** What was seen last of each stream. A real consumer keeps this beside its offsets. */
const heads = new Map<string, { version: number; hash: string }>();

/** Undefined: fine. */
function faultOf(stream: string, text: string): string | undefined {
  // The value is what was hashed, with the hash as its last member.
  const hashed = `${text.slice(0, text.lastIndexOf(',"hash":"'))}}`;
  if (!text.endsWith(`,"hash":"${createHash('sha256').update(hashed).digest('hex')}"}`)) return 'was changed';
  const event = JSON.parse(text) as { hash: string; previousHash: string; streamVersion: number };
  const head = heads.get(stream);
  if (head && event.streamVersion <= head.version) return undefined; // delivered again
  if (head && event.streamVersion !== head.version + 1) return 'does not follow: one is missing';
  if (head && event.previousHash !== head.hash) return 'breaks the hash chain';
  heads.set(stream, { version: event.streamVersion, hash: event.hash });
  return undefined;
}

consumer.on('consumer.crash', ({ payload }) => (process.exitCode = payload.restart ? 0 : 1));
await consumer.connect();
await consumer.subscribe({ topic: `${KAFKA_PREFIX}.${app}.events`, fromBeginning: true });
await consumer.run({
  eachMessage: async ({ message: { key, value, headers } }) => {
    const fault = faultOf(String(key), String(value));
    const line = `${String(headers?.ce_time)} ${String(key)} ${String(headers?.ce_type)} ${String(headers?.ce_id)}`;
    console.log(fault === undefined ? line : `${line} ${fault.toUpperCase()}`);
  },
});
process.once('SIGINT', () => void consumer.disconnect());
