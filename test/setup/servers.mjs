import built from './built.mjs';

/**
 * One Kafka and one MongoDB for all specs on servers: those of `KAFKA_BROKERS` and `MONGO_URL`, else in containers, else on the
 * machine's Java and Python. Where there are none, `TWINLOCK_NO_SERVERS` says why, and the specs are skipped.
 */
export default async function servers() {
  await built();
  const { startServers } = await import('../../dist/test/support/servers/engines.js');
  const started = await startServers();
  if ('missing' in started) {
    process.env.TWINLOCK_NO_SERVERS = started.missing;
    return;
  }
  process.env.KAFKA_BROKERS = started.kafka.brokers.join(',');
  process.env.MONGO_URL = started.mongo.url;
  globalThis.stopServers = started.stop;
  for (const signal of ['SIGINT', 'SIGTERM'])
    process.once(signal, () => void started.stop().then(() => process.exit(1)));
}
