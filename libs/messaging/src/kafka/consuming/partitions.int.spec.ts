import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import { MemoryEngine } from '#libs/event-store/src/testing/memory-engine.js';
import { newRingKey } from '#libs/vault/src/keyring.js';
import { controllers, record, Script, startApp } from '../../testing/bus-apps.js';
import { eventually } from '../../testing/eventually.js';
import { createKafkaBus } from '../bus.js';
import { withKafka } from '../testing/with-kafka.js';

await withKafka('batches of events', ({ brokers }) => {
  it('of one partition do not wait for those of another, so that who takes them can tell their order by time', async () => {
    const prefix = `test-${randomBytes(5).toString('hex')}`;
    const bus = createKafkaBus({
      brokers,
      prefix,
      partitions: 4,
      keys: [newRingKey('k1')],
      logger: pino({ level: 'silent' }),
    });
    const source = new MemoryEngine();
    bus.join('two-factor', source);
    const waiting: (() => void)[] = [];
    const script = new Script();
    script.batch = () => new Promise<void>((resolve) => waiting.push(resolve));
    const app = await startApp(bus.join('audit', new MemoryEngine()), controllers.batch, script);
    try {
      for (let account = 0; account < 16; account++) await record(source, `a${account}`, ['AttemptFailed']);
      await eventually(() => expect(waiting.length).toBeGreaterThan(1));
    } finally {
      script.batch = () => undefined;
      for (const resolve of waiting) resolve();
      await app.close();
      await bus.close();
    }
  });
});
