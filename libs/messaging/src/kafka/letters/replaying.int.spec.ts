import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import type { RecordedEvent } from '#libs/contracts/src/events/event.js';
import { MemoryEngine } from '#libs/event-store/src/testing/memory-engine.js';
import { newRingKey } from '#libs/vault/src/keyring.js';
import { type DeadLetter, DeadLetters } from '../../consuming/dead-letters.js';
import { controllers, record, Script, startApp } from '../../testing/bus-apps.js';
import { eventually } from '../../testing/eventually.js';
import { createKafkaBus } from '../bus.js';
import { Replaying } from './replaying.js';
import { withKafka } from '../testing/with-kafka.js';

await withKafka('dead letters replayed from outside', ({ brokers }) => {
  it('come again to the app that could not handle them, and to no other, with the same id; once', async () => {
    const prefix = `test-${randomBytes(5).toString('hex')}`;
    const logger = pino({ level: 'silent' });
    const bus = createKafkaBus({ brokers, prefix, partitions: 2, keys: [newRingKey('k1')], logger });
    const [source, engine] = [new MemoryEngine(), new MemoryEngine()];
    bus.join('two-factor', source);
    const got: Record<string, RecordedEvent[]> = { identity: [], audit: [] };
    let broken = true;
    const identity = new Script();
    identity.event = (event) => {
      if (broken && event.streamVersion === 1) throw new TypeError('not now');
      got.identity!.push(event);
    };
    const audit = new Script();
    audit.batch = (events) => got.audit!.push(...events);
    const apps = [
      await startApp(bus.join('identity', engine), controllers.events, identity),
      await startApp(bus.join('audit', new MemoryEngine()), controllers.batch, audit),
    ];
    const replaying = new Replaying({ brokers, prefix, logger });
    const letters = new DeadLetters(engine.records<DeadLetter>('dead-letters'), (one) =>
      replaying.send('identity', one),
    );
    const versions = (app: string) => got[app]!.map(({ streamVersion }) => streamVersion);
    try {
      await record(source, 'a1', ['AttemptFailed', 'AccountLocked']);
      await eventually(() => expect(versions('identity')).toEqual([2]));
      await eventually(() => expect(versions('audit')).toEqual([1, 2]));
      const [letter] = await letters.list();
      expect(letter).toMatchObject({ source: 'two-factor', stream: 'demo/a1', eventId: 'a1-1.1' });

      broken = false;
      await letters.replay(letter!);
      await letters.replay(letter!);
      await eventually(() => expect(versions('identity')).toEqual([2, 1]));
      expect(got.identity![1]).toEqual(got.audit![0]);
      expect(await letters.list()).toEqual([]);

      // what comes after it is all that comes
      await record(source, 'a1', ['AccountLocked']);
      await eventually(() => expect(versions('identity')).toEqual([2, 1, 3]));
      await eventually(() => expect(versions('audit')).toEqual([1, 2, 3]));

      const gone = { ...letter!, position: 10_000 };
      await expect(replaying.send('identity', gone)).rejects.toMatchObject({ code: 'not-found' });
    } finally {
      await replaying.close();
      await Promise.all(apps.map((app) => app.close()));
      await bus.close();
    }
  });
});
