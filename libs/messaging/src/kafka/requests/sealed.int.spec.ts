import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import { aContext } from '#libs/contracts/src/testing/contexts.js';
import { twoFactorRequests } from '#libs/contracts/src/messages/requests.js';
import { Problem } from '#libs/contracts/src/problems.js';
import { MemoryEngine } from '#libs/event-store/src/testing/memory-engine.js';
import { newRingKey, type RingKey } from '#libs/vault/src/keyring.js';
import { Requests } from '../../requests.js';
import { controllers, Script, startApp } from '../../testing/bus-apps.js';
import { eventually } from '../../testing/eventually.js';
import { createKafkaBus } from '../bus.js';
import { KafkaConnection, type KafkaMessage } from '../cluster/connection.js';
import { withKafka } from '../testing/with-kafka.js';
import { RequestSealer } from './sealed.js';

const { describeAccounts } = twoFactorRequests;
const [k1, k2] = ['k1', 'k2'].map(newRingKey) as [RingKey, RingKey];

await withKafka('requests between the apps', ({ brokers }) => {
  let closing: (() => Promise<unknown>)[];
  let prefix: string;
  let logged: string;
  beforeEach(() => {
    closing = [];
    prefix = `test-${randomBytes(5).toString('hex')}`;
    logged = '';
  });
  afterEach(async () => {
    for (const close of closing.reverse()) await close();
  });

  const logger = pino({ level: 'trace' }, { write: (line: string) => void (logged += line) });
  const busWith = (...keys: RingKey[]) => {
    const bus = createKafkaBus({ brokers, prefix, partitions: 1, keys, logger });
    closing.push(() => bus.close());
    return bus;
  };
  async function serving(bus: ReturnType<typeof busWith>, answer: Script['answer'] = () => ({ accounts: [] })) {
    const script = new Script();
    script.answer = answer;
    const joined = bus.join('two-factor', new MemoryEngine());
    const app = await startApp(joined, controllers.answering, script);
    closing.push(() => app.close());
    return joined;
  }
  const asking = (bus: ReturnType<typeof busWith>) => {
    const requests = new Requests(bus.join('identity', new MemoryEngine()).ask);
    return (accountId = 'a1', context = aContext(), timeoutMs = 9_000) =>
      requests.send(describeAccounts, { portal: 'demo', accountIds: [accountId] }, context, { timeoutMs });
  };
  const clients = async () => {
    const outside = new KafkaConnection({ brokers }, { logger, clientId: 'outside' });
    const [producer, consumer] = [outside.producer(), outside.consumer(`${prefix}.outside`)];
    await Promise.all([producer.connect(), consumer.connect()]);
    closing.push(() => Promise.all([producer.disconnect(), consumer.disconnect()]));
    return { producer, consumer };
  };
  const requestsTopic = () => `${prefix}.two-factor.requests`;
  const repliesTopic = () => `${prefix}.identity.replies`;
  /** All that is on both topics, as it comes. */
  async function watched() {
    const messages: (KafkaMessage & { topic: string })[] = [];
    const { producer, consumer } = await clients();
    await consumer.subscribe({ topics: [requestsTopic(), repliesTopic()], fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ topic, message }) => void messages.push({ ...message, topic }),
    });
    const on = (topic: string) => messages.filter((message) => message.topic === topic && message.value);
    return { producer, requests: () => on(requestsTopic()), replies: () => on(repliesTopic()) };
  }
  const bytesOf = ({ key, value, headers }: KafkaMessage) =>
    [key, value, ...Object.values(headers ?? {})].map((part) => String(part)).join('\n');

  it('R42 have nothing on a topic of what is asked, who asks, what is answered and what is refused', async () => {
    const bus = busWith(k1);
    await serving(bus, ({ accountIds: [id] }, { actor }) => {
      if (id === 'marked-refused') throw new Problem('not-found', 'marked-detail');
      return { accounts: [], actor, echoed: `marked-reply of ${id}` };
    });
    const ask = asking(bus);
    const context = aContext({ actor: { kind: 'user', id: 'marked-actor' }, causationId: 'marked-cause' });
    await expect(ask('marked-payload', context)).resolves.toMatchObject({
      actor: { id: 'marked-actor' },
      echoed: 'marked-reply of marked-payload',
    });
    await expect(ask('marked-refused', context)).rejects.toMatchObject({ detail: 'marked-detail' });

    const { requests, replies } = await watched();
    await eventually(() => expect([requests().length, replies().length]).toEqual([2, 2]));
    for (const message of [...requests(), ...replies()]) {
      expect(bytesOf(message)).not.toMatch(/marked|demo/);
      expect(Object.keys(message.headers ?? {})).toEqual(
        expect.arrayContaining(['instance', 'correlation-id', 'key-id']),
      );
    }
    expect(logged).not.toContain('marked');
  });

  it('are answered while the ring is rotated, each step on one app before the other', async () => {
    const [asker, server] = [busWith(k1), busWith(k1)];
    await serving(server);
    const ask = asking(asker);
    await eventually(() => ask());
    for (const ring of [[k1, k2], [k2, k1], [k2]]) {
      asker.useRing!(ring);
      await expect(ask()).resolves.toEqual({ accounts: [] });
      server.useRing!(ring);
      await expect(ask()).resolves.toEqual({ accounts: [] });
    }
  });

  it('under a key that is not known are refused at once, which is told once, where the reply can be opened', async () => {
    const [asker, server] = [busWith(k2, k1), busWith(k1)];
    let calls = 0;
    await serving(server, () => (calls += 1));
    const ask = asking(asker);
    for (let i = 0; i < 3; i++) {
      await expect(ask()).rejects.toMatchObject({ code: 'unavailable', detail: 'Its key is not known here.' });
    }
    expect(calls).toBe(0);
    expect(logged.match(/under a key that BUS_KEYS does not contain/g)).toHaveLength(1);
  });

  it('that were altered, moved, or recorded and sent again are dead letters, and nothing comes of them', async () => {
    const bus = busWith(k1);
    let calls = 0;
    const joined = await serving(bus, () => ((calls += 1), { accounts: [] }));
    await asking(bus)();
    const { producer, requests, replies } = await watched();
    await eventually(() => expect([requests().length, replies().length]).toEqual([1, 1]));
    const [{ value, headers }, reply] = [requests()[0]!, replies()[0]!];
    const altered = Buffer.from(value!);
    altered[altered.length - 20]! ^= 1;
    const moved = { instance: 'other', 'correlation-id': '2', 'reply-to': 'admin-policy', pattern: 'two-factor.other' };
    const [pattern, replyTo, instance, requestId] = [describeAccounts.pattern, 'identity', 'i', '1'];
    const later = new RequestSealer([k1]).seal(
      `{"at":${Date.now() - 61_000},"context":${JSON.stringify(aContext())},"payload":{"portal":"demo","accountIds":[]}}`,
      { direction: 'request', pattern, replyTo, instance, requestId },
    );
    const laterHeaders = { pattern, 'reply-to': replyTo, instance, 'correlation-id': requestId, 'key-id': later.keyId };
    await producer.send({
      topic: requestsTopic(),
      messages: [
        { value: altered, headers: headers! },
        ...Object.entries(moved).map(([name, other]) => ({ value, headers: { ...headers, [name]: other } })),
        { value: reply.value, headers: headers! },
        { value: '{"portal":"demo","accountIds":[]}', headers: { ...headers, context: JSON.stringify(aContext()) } },
        { value: later.value, headers: laterHeaders },
      ],
    });
    await eventually(async () => expect(await joined.deadLetters.list()).toHaveLength(8));
    const reasons = (await joined.deadLetters.list()).map(({ reason }) => reason);
    expect(reasons).toEqual([
      ...Array(7).fill('Unreadable: it cannot be opened'),
      'Unreadable: it was not sealed when it was sent',
    ]);
    expect(calls).toBe(1);
  });

  it('take no reply that was not sealed for them, whoever else answers first; that is told once', async () => {
    const bus = busWith(k1);
    let release: (() => void) | undefined;
    let holding = false;
    await serving(bus, () => {
      if (!holding) return { accounts: [] };
      return new Promise((resolve) => (release = () => resolve({ accounts: ['the right one'] })));
    });
    const ask = asking(bus);
    await ask();
    const { producer, replies } = await watched();
    await eventually(() => expect(replies()).toHaveLength(1));
    const [{ value, headers }] = [replies()[0]!];
    holding = true;
    const answer = ask();
    await eventually(() => expect(release).toBeDefined());
    const next = { ...headers, 'correlation-id': '2' };
    await producer.send({
      topic: repliesTopic(),
      messages: [
        { value, headers: next },
        { value: '{"reply":{"accounts":["forged"]}}', headers: next },
        { value: '{"reply":{"accounts":["forged"]}}', headers: { ...next, 'key-id': 'k9' } },
        { value: Buffer.alloc(0), headers: next },
      ],
    });
    await eventually(() => expect(logged).toMatch(/a reply cannot be opened/));
    release!();
    await expect(answer).resolves.toEqual({ accounts: ['the right one'] });
    expect(logged.match(/a reply cannot be opened/g)).toHaveLength(1);
  });
});
