import { randomUUID } from 'node:crypto';
import { exportJWK, generateKeyPair } from 'jose';
import { Kafka, logLevel } from 'kafkajs';
import { Commands, CommandTimeoutError, type CommandsOptions } from '#libs/client/src/commands/commands.js';
import { follow, overKafka } from '#libs/client/src/events/events.js';
import type { ReadableEvent } from '#libs/contracts/src/events/readable.js';
import { asRecorded, byStream, shortType } from '#test/support/events.js';
import { until } from '#test/support/until.js';
import { usePortal, useStack } from '#test/support/use-stack.js';

const stack = useStack({ engine: 'kafka-mongo' });
const portal = usePortal(stack, { maxFailedAttempts: 2 });
let kafka: Kafka;
let prefix: string;
let options: CommandsOptions;
let close: () => Promise<unknown>;
beforeAll(async () => {
  const { KAFKA_BROKERS, KAFKA_PREFIX } = stack.engineSettings;
  prefix = KAFKA_PREFIX!;
  kafka = new Kafka({ brokers: KAFKA_BROKERS!.split(','), logLevel: logLevel.NOTHING });
  const replyTo = `${prefix}.command-replies.client`;
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic: replyTo }] });
  await admin.disconnect();
  const producer = kafka.producer();
  const consumer = kafka.consumer({ groupId: `client-${randomUUID()}`, maxWaitTimeInMs: 100 });
  await Promise.all([producer.connect(), consumer.connect()]);
  await consumer.subscribe({ topic: replyTo, fromBeginning: true });
  close = () => Promise.all([producer.disconnect(), consumer.disconnect()]);

  const { publicKey, privateKey } = await generateKeyPair('EdDSA', { extractable: true });
  const { x } = await exportJWK(publicKey);
  const tokenId = (
    await stack.operator.issueServiceToken(portal.id, {
      name: 'tool',
      scopes: ['commands', 'challenges', 'accounts', 'erasure'],
      publicKey: { kty: 'OKP', crv: 'Ed25519', x: x! },
    })
  ).success().id;
  options = { producer, consumer, replyTo, prefix, portal: portal.id, tokenId, privateKey };
});
afterAll(() => close());

const typesOf = async (account: string) => (await portal.readEvents({ account })).map(shortType);

describe('commands over the bus', () => {
  let commands: Commands;
  beforeAll(async () => {
    // as people have it: a JWK
    commands = new Commands({
      ...options,
      privateKey: await exportJWK(options.privateKey as import('jose').CryptoKey),
    });
  });

  it('resolve with the reply, or throw the problem', async () => {
    const user = await (await portal.enrolled()).lock();
    expect(await commands.unlock(user.id)).toEqual({ status: 'active' });
    await expect(commands.unlock(user.id)).rejects.toMatchObject({
      name: 'ProblemError',
      code: 'not-locked',
      status: 409,
    });

    const opened = await commands.openChallenge(user.id);
    if (!opened.required) throw new Error('no code is required');
    const wrong = commands.verifyChallenge(user.id, opened.challenge, { code: user.phone.wrongCode() });
    await expect(wrong).rejects.toMatchObject({ code: 'wrong-code', problem: { attemptsLeft: 1 } });
    const code = user.phone.freshCode();
    expect(await commands.verifyChallenge(user.id, opened.challenge, { code })).toMatchObject({ passed: true });

    expect(await commands.disable(user.id)).toEqual({ status: 'none' });
    expect(await commands.suspend(user.id)).toEqual({ status: 'suspended' });
    expect(await commands.resume(user.id)).toEqual({ status: 'active' });
    expect(await commands.delete(user.id)).toEqual({});
    await expect(commands.resume(user.id)).rejects.toMatchObject({ code: 'account-deleted' });
  }, 120_000);

  it('are sent again where no reply comes, and carried out once', async () => {
    const user = await (await portal.enrolled()).lock();
    const sent: string[] = [];
    /** What it sends first is lost; the reply to what it sends next is. */
    const losing: CommandsOptions['producer'] = {
      send: async (record) => {
        const [message] = record.messages;
        sent.push(message!.value);
        if (sent.length === 1) return;
        if (sent.length > 2) return options.producer.send(record);
        const headers = { ...message!.headers, 'correlation-id': 'nobody' };
        return options.producer.send({ ...record, messages: [{ ...message!, headers }] });
      },
    };
    // a command of its own is awaited by the consumer of the others' too
    const consumer = kafka.consumer({ groupId: `client-${randomUUID()}`, maxWaitTimeInMs: 100 });
    await consumer.connect();
    await consumer.subscribe({ topic: options.replyTo, fromBeginning: true });
    const patient = new Commands({ ...options, producer: losing, consumer, resendMs: 2_000 });
    expect(await patient.unlock(user.id)).toEqual({ status: 'active' });
    await consumer.disconnect();
    expect(sent.length).toBeGreaterThanOrEqual(3);
    expect(new Set(sent).size).toBe(1);
    const types = await until('it can be read', async () => {
      const found = await typesOf(user.id);
      return found.includes('UserUnlocked') && found;
    });
    expect(types.filter((type) => type === 'UserUnlocked')).toHaveLength(1);
  }, 120_000);

  it('say so when none comes in time, and can be asked for again', async () => {
    const user = await (await portal.enrolled()).lock();
    const lost: CommandsOptions['producer'] = { send: () => Promise.reject(new Error('no broker')) };
    const consumer = { run: () => Promise.resolve() };
    const deaf = new Commands({ ...options, producer: lost, consumer, timeoutMs: 300, resendMs: 100 });
    const error: unknown = await deaf.unlock(user.id).catch((thrown: unknown) => thrown);
    if (!(error instanceof CommandTimeoutError)) throw new Error('it was not told');
    expect(error.cause).toEqual(new Error('no broker'));
    expect(await commands.unlock(user.id, { again: error })).toEqual({ status: 'active' });
    expect(await commands.unlock(user.id, { again: error })).toEqual({ status: 'active' });
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(commands.unlock(user.id, { signal })).rejects.toThrow('enough');
  }, 120_000);
});

describe('events over the bus', () => {
  /** Until there are so many on the account, and which of them were handled. */
  async function followed(kept: Map<string, string>, groupId: string, account: string, enough: number) {
    const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 100 });
    await consumer.connect();
    const topics = ['identity', 'two-factor', 'admin-policy'].map((app) => `${prefix}.${app}.events`);
    await consumer.subscribe({ topics, fromBeginning: true });
    const stop = new AbortController();
    const found: ReadableEvent[] = [];
    const source = overKafka({
      consumer,
      portals: [portal.id],
      open: async (id, ids) => (await portal.api.events(id, { id: [...ids], limit: 200 })).success(),
    });
    await follow(source, {
      positions: {
        load: (key) => kept.get(key),
        save: (position) => Object.entries(position).forEach(([key, value]) => kept.set(key, value)),
      },
      signal: AbortSignal.any([stop.signal, AbortSignal.timeout(60_000)]),
      handle: (event) => {
        if (event.account === account) found.push(event);
        if (found.length >= enough) stop.abort();
      },
    });
    return found;
  }

  it('come whole, in order, opened, and once', async () => {
    const user = await portal.enrolled();
    const kept = new Map<string, string>();
    const recorded = await until('all can be read', async () => {
      const events = await portal.readEvents({ account: user.id });
      return events.map(shortType).includes('BackupCodesIssued') && events;
    });
    const events = await followed(kept, `events-${randomUUID()}`, user.id, recorded.length);
    expect(byStream(events)).toEqual(byStream(recorded));
    expect(events.find((event) => shortType(event) === 'AccountRegistered')?.plain?.person?.username).toBe(
      user.credentials.username,
    );
    expect(byStream(events).map((event) => asRecorded(event).hash)).toEqual(byStream(recorded).map(({ hash }) => hash));

    // offsets that were lost: all comes again, and is passed over
    await user.enterWrongPassword();
    const [more] = await followed(kept, `events-${randomUUID()}`, user.id, 1);
    expect(shortType(more!)).toBe('LoginFailed');
  }, 120_000);
});
