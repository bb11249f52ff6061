import { type KafkaServer, startKafka } from '#test/support/servers/kafka.js';

/** A suite on a Kafka of its own; skipped, with the reason as its name, where there is none. */
export async function withKafka(name: string, suite: (kafka: KafkaServer) => void): Promise<void> {
  const kafka = await startKafka();
  if ('missing' in kafka) {
    describe.skip(`${name}: ${kafka.missing}`, () => it('is skipped', () => undefined));
    return;
  }
  describe(name, () => {
    afterAll(() => kafka.stop());
    suite(kafka);
  });
}
