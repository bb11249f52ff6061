import { aContext } from '#libs/contracts/src/testing/contexts.js';
import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import type { RecordedEvent } from '#libs/contracts/src/events/event.js';
import { twoFactorRequests } from '#libs/contracts/src/messages/requests.js';
import { MemoryEngine } from '#libs/event-store/src/testing/memory-engine.js';
import { newRingKey } from '#libs/vault/src/keyring.js';
import { Requests } from '../../requests.js';
import { controllers, record, Script, startApp } from '../../testing/bus-apps.js';
import { eventually } from '../../testing/eventually.js';
import { createKafkaBus } from '../bus.js';
import { KafkaConnection } from '../cluster/connection.js';
import { withKafka } from '../testing/with-kafka.js';

const unhashed = {
  id: 'x',
  type: 'two-factor.user-unlocked.v1',
  time: '2026-11-24T09:30:00.000Z',
  portal: 'demo',
  account: 'a1',
  actor: { kind: 'system' },
  context: { correlationId: 'r1', entrance: 'system' },
  data: {},
  streamVersion: 1,
  previousHash: '0'.repeat(64),
};

await withKafka('messages that are no events', ({ brokers }) => {
  it.each([
    ['singly', controllers.wildcard],
    ['by the batch', controllers.batch],
  ])('are dead letters with a reason and a count, and the events after them come %s', async (_, controller) => {
    const prefix = `test-${randomBytes(5).toString('hex')}`;
    const logger = pino({ level: 'silent' });
    const counted: string[] = [];
    const none = { inc: () => undefined };
    const deadLettered = {
      inc: ({ app, source }: { app: string; source: string }) => void counted.push(`${app} ${source}`),
    };
    const counters = { processed: none, retried: none, deadLettered };
    const bus = createKafkaBus({ brokers, prefix, partitions: 1, keys: [newRingKey('k1')], logger, counters });
    const source = new MemoryEngine();
    bus.join('two-factor', source);
    const got: RecordedEvent[] = [];
    const script = new Script();
    script.event = (event) => got.push(event);
    script.batch = (events) => got.push(...events);
    const audit = bus.join('audit', new MemoryEngine());
    const app = await startApp(audit, controller, script);
    const outside = new KafkaConnection({ brokers }, { logger, clientId: 'outside' });
    const admin = outside.admin();
    const producer = outside.producer();
    await Promise.all([admin.connect(), producer.connect()]);
    try {
      const topic = `${prefix}.two-factor.events`;
      await eventually(async () => expect(await admin.listTopics()).toContain(topic));
      const ce = { ce_specversion: '1.0', ce_id: 'x', ce_type: 'two-factor.user-unlocked.v1' };
      await producer.send({
        topic,
        messages: [
          { key: 'demo/a1', value: 'hunter2' },
          { key: 'demo/a1', value: 'hunter2', headers: ce },
          { key: null, value: '{}', headers: ce },
          { key: 'demo/a1', value: '{}', headers: { ...ce, ce_type: 'two-factor.user-unlocked.v9' } },
          { key: 'demo/a1', value: JSON.stringify({ typed: 'hunter2'.repeat(40_000) }), headers: ce },
          { key: 'demo/a1', value: '{}', headers: ce },
          { key: 'demo/a1', value: null, headers: ce },
          { key: 'demo/a1', value: JSON.stringify({ ...unhashed, hash: 'f'.repeat(64) }), headers: ce },
        ],
      });
      await record(source, 'a1', ['AttemptFailed', 'UserUnlocked']);

      await eventually(() => expect(got.map(({ streamVersion }) => streamVersion)).toEqual([1, 2]));
      await eventually(() => expect(counted).toEqual(Array(8).fill('audit two-factor')));
      const letters = await audit.deadLetters.list();
      expect(letters.map(({ reason, position }) => [position, reason])).toEqual([
        [0, 'Unreadable: it is no CloudEvent 1.0'],
        [1, 'Unreadable: it is not JSON'],
        [2, 'Unreadable: it has no key'],
        [3, 'Unreadable: it is of an unknown type or version'],
        [4, 'Unreadable: it is too large'],
        [5, 'Unreadable: it is not the form of an event'],
        [6, 'Unreadable: it has no value'],
        [7, 'Unreadable: it does not have its hash'],
      ]);
      expect(JSON.stringify(letters)).not.toContain('hunter2');
    } finally {
      await Promise.all([admin.disconnect(), producer.disconnect()]);
      await app.close();
      await bus.close();
    }
  });

  it('nor requests are dead letters with a reason and a count, and the requests after them are answered', async () => {
    const prefix = `test-${randomBytes(5).toString('hex')}`;
    const logger = pino({ level: 'silent' });
    const counted: string[] = [];
    const none = { inc: () => undefined };
    const deadLettered = {
      inc: ({ app, source }: { app: string; source: string }) => void counted.push(`${app} ${source}`),
    };
    const bus = createKafkaBus({
      brokers,
      prefix,
      partitions: 1,
      keys: [newRingKey('k1')],
      logger,
      counters: { processed: none, retried: none, deadLettered },
    });
    const asked = bus.join('two-factor', new MemoryEngine());
    const asking = bus.join('identity', new MemoryEngine());
    const apps = [await startApp(asked, controllers.answering), await startApp(asking, controllers.events)];
    const outside = new KafkaConnection({ brokers }, { logger, clientId: 'outside' });
    const admin = outside.admin();
    const producer = outside.producer();
    await Promise.all([admin.connect(), producer.connect()]);
    try {
      const topic = `${prefix}.two-factor.requests`;
      await eventually(async () => expect(await admin.listTopics()).toContain(topic));
      const headers = {
        pattern: twoFactorRequests.describeAccounts.pattern,
        'reply-to': 'identity',
        instance: 'i',
        'correlation-id': '1',
        'key-id': `k1:${randomBytes(16).toString('base64url')}`,
      };
      await producer.send({
        topic,
        messages: [
          { value: 'hunter2' },
          { value: 'hunter2', headers },
          { value: JSON.stringify('hunter2'.repeat(40_000)), headers },
          { value: '{}', headers: { ...headers, 'reply-to': 'mallory' } },
        ],
      });
      await expect(
        new Requests(asking.ask).send(
          twoFactorRequests.describeAccounts,
          { portal: 'demo', accountIds: [] },
          aContext(),
        ),
      ).resolves.toEqual({ accounts: [] });
      await eventually(() => expect(counted).toEqual(Array(4).fill('two-factor requests')));
      const letters = await asked.deadLetters.list();
      expect(letters.map(({ reason, position }) => [position, reason])).toEqual([
        [0, 'Unreadable: it is no request'],
        [1, 'Unreadable: it cannot be opened'],
        [2, 'Unreadable: it is too large'],
        [3, 'Unreadable: it is no request'],
      ]);
      expect(JSON.stringify(letters)).not.toContain('hunter2');
    } finally {
      await Promise.all([admin.disconnect(), producer.disconnect()]);
      await Promise.all(apps.map((app) => app.close()));
      await bus.close();
    }
  });
});
