import { randomBytes } from 'node:crypto';
import { Controller } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import { pino } from 'pino';
import { Problem } from '#libs/contracts/src/problems.js';
import { MemoryEngine } from '#libs/event-store/src/testing/memory-engine.js';
import { newRingKey } from '#libs/vault/src/keyring.js';
import { CommandRefused, commandsPattern, type SignedCommand } from '../commands.js';
import { startApp } from '../testing/bus-apps.js';
import { eventually } from '../testing/eventually.js';
import { createKafkaBus } from './bus.js';
import { KafkaConnection } from './cluster/connection.js';
import { withKafka } from './testing/with-kafka.js';

@Controller()
class TakesCommands {
  @MessagePattern(commandsPattern('two-factor'))
  take({ jws, key, at }: SignedCommand): unknown {
    if (jws === 'forged') throw new CommandRefused('wrong signature');
    if (jws === 'refused') throw new CommandRefused('another portal', new Problem('forbidden'));
    if (jws === 'wrong') throw new Problem('wrong-code');
    if (jws === 'broken') throw new TypeError('hunter2');
    if (key === '' || at === null) throw new CommandRefused('its key or its time', new Problem('forbidden'));
    return { took: jws, fresh: Math.abs(Date.now() - at) < 30_000 };
  }
}

await withKafka('commands from outside', ({ brokers }) => {
  it('are answered or refused, none keeps its partition from going on', async () => {
    const prefix = `test-${randomBytes(5).toString('hex')}`;
    const logger = pino({ level: 'silent' });
    const replyTo = `${prefix}.command-replies.tool`;
    const bus = createKafkaBus({ brokers, prefix, partitions: 1, keys: [newRingKey('k1')], logger });
    const joined = bus.join('two-factor', new MemoryEngine());
    const app = await startApp(joined, TakesCommands);
    const outside = new KafkaConnection({ brokers }, { logger, clientId: 'outside' });
    const admin = outside.admin();
    await admin.connect();
    const producer = outside.producer();
    await producer.connect();
    await admin.createTopics({ waitForLeaders: false, topics: [{ topic: replyTo, numPartitions: 1 }] });
    await eventually(async () => expect(await admin.listTopics()).toContain(replyTo));
    const consumer = outside.consumer(`${prefix}.tool`);
    await consumer.connect();
    await consumer.subscribe({ topic: replyTo, fromBeginning: true });
    const replies: Record<string, unknown> = {};
    await consumer.run({
      eachMessage: async ({ message: { headers, value } }) => {
        replies[String(headers?.['correlation-id'])] = JSON.parse(String(value));
      },
    });
    try {
      const topic = `${prefix}.two-factor.commands`;
      await eventually(async () => expect(await admin.listTopics()).toContain(topic));
      await producer.send({
        topic,
        messages: [
          { key: null, value: 'good', headers: { 'reply-to': replyTo, 'correlation-id': 'nokey' } },
          { key: null, value: 'forged', headers: { 'reply-to': replyTo, 'correlation-id': 'forged' } },
          { key: 'demo/a1', value: 'hunter2'.repeat(3_000) },
          ...['forged', 'refused', 'broken', 'wrong', 'good'].map((value) => ({
            key: 'demo/a1',
            value,
            headers: { 'reply-to': replyTo, 'correlation-id': value },
          })),
          // A reply may not be sent into the topics between the apps.
          { key: 'demo/a1', value: 'good', headers: { 'reply-to': `${prefix}.identity.replies` } },
        ],
      });

      await eventually(() =>
        expect(replies).toMatchObject({
          refused: { problem: { code: 'forbidden' } },
          wrong: { problem: { code: 'wrong-code' } },
          nokey: { problem: { code: 'forbidden' } },
          broken: { problem: { code: 'internal-error' } },
          good: { reply: { took: 'good', fresh: true } },
        }),
      );
      expect(replies).not.toHaveProperty('forged');
      const letters = await joined.deadLetters.list();
      expect(letters.map(({ reason }) => reason.split(' at ')[0]).sort()).toEqual([
        'CommandRefused: another portal',
        'CommandRefused: it has no value, or too large a one',
        'CommandRefused: its key or its time',
        'CommandRefused: wrong signature',
        'CommandRefused: wrong signature',
        'TypeError',
      ]);
      expect(JSON.stringify(letters)).not.toContain('hunter2');
    } finally {
      await consumer.disconnect();
      await producer.disconnect();
      await admin.disconnect();
      await app.close();
      await bus.close();
    }
  });

  it('are taken without a time where it is what their sender says', async () => {
    const prefix = `test-${randomBytes(5).toString('hex')}`;
    const logger = pino({ level: 'silent' });
    const outside = new KafkaConnection({ brokers }, { logger, clientId: 'outside' });
    const admin = outside.admin();
    await admin.connect();
    const topic = `${prefix}.two-factor.commands`;
    const configEntries = [{ name: 'message.timestamp.type', value: 'CreateTime' }];
    await admin.createTopics({ topics: [{ topic, numPartitions: 1, configEntries }] });
    const bus = createKafkaBus({ brokers, prefix, partitions: 1, keys: [newRingKey('k1')], logger });
    const joined = bus.join('two-factor', new MemoryEngine());
    const app = await startApp(joined, TakesCommands);
    const producer = outside.producer();
    await producer.connect();
    try {
      await producer.send({ topic, messages: [{ key: 'demo/a1', value: 'good', timestamp: `${Date.now()}` }] });
      await eventually(async () =>
        expect((await joined.deadLetters.list()).map(({ reason }) => reason)).toEqual([
          'CommandRefused: its key or its time',
        ]),
      );
    } finally {
      await producer.disconnect();
      await admin.disconnect();
      await app.close();
      await bus.close();
    }
  });
});
