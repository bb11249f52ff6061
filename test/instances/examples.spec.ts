import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type IHeaders, Kafka, logLevel } from 'kafkajs';
import { shortType } from '#test/support/events.js';
import type { Person } from '#test/support/people/portal.js';
import { usePortal, useStack } from '#test/support/use-stack.js';
import { until } from '#test/support/until.js';

const example = (name: string): string => join(import.meta.dirname, '../../dist/examples', name, `${name}.js`);

const stack = useStack({ engine: 'kafka-mongo' });
const portal = usePortal(stack, { maxFailedAttempts: 2 });
let folder: string;
let env: Record<string, string>;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'twinlock-examples-'));
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const jwk = publicKey.export({ format: 'jwk' }) as { kty: 'OKP'; crv: 'Ed25519'; x: string };
  const body = { name: 'tool', scopes: ['commands' as const, 'challenges' as const], publicKey: jwk };
  const { id } = (await stack.operator.issueServiceToken(portal.id, body)).success();
  const PRIVATE_KEY = join(folder, 'key.pem');
  writeFileSync(PRIVATE_KEY, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  env = { ...stack.engineSettings, PATH: process.env.PATH ?? '', TOKEN_ID: id, PRIVATE_KEY };
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What the tool prints: the reply as it came. */
async function command(type: string, accountId: string, extras: Record<string, string> = {}) {
  const pairs = Object.entries(extras).map(([name, value]) => `${name}=${value}`);
  const args = [example('signed-command'), type, portal.id, accountId, ...pairs];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env });
  return JSON.parse(stdout) as { reply?: Record<string, unknown>; problem?: Record<string, unknown> };
}

const typesOf = async ({ id }: Person) => (await portal.readEvents({ account: id })).map(shortType);

describe('the signed command, with a broker and a key alone', () => {
  it('unlocks a user', async () => {
    const user = await (await portal.enrolled()).lock();
    expect(await command('two-factor.user.unlock', user.id)).toEqual({ reply: { status: 'active' } });
    expect((await user.enterPassword()).success().status).toBe('code-required');
    expect((await command('two-factor.user.unlock', user.id)).problem?.code).toBe('not-locked');
  });

  it('disables the second factor of a user', async () => {
    const user = await portal.enrolled();
    expect(await command('two-factor.user.disable', user.id)).toEqual({ reply: { status: 'none' } });
    expect((await user.enterPassword()).success().status).toBe('complete');
  });

  it('opens and verifies a challenge', async () => {
    const user = await portal.enrolled();
    const opened = await command('two-factor.challenge.open', user.id);
    expect(opened.reply).toMatchObject({ required: true });
    const challenge = String(opened.reply?.challenge);
    const wrong = await command('two-factor.challenge.verify', user.id, { challenge, code: user.phone.wrongCode() });
    expect(wrong.problem).toMatchObject({ code: 'wrong-code', attemptsLeft: 1 });
    const right = await command('two-factor.challenge.verify', user.id, { challenge, code: user.phone.freshCode() });
    expect(right.reply).toMatchObject({ passed: true, accountId: user.id, method: 'totp' });
  });
});

describe('a signed command that is not carried out', () => {
  it('is replied to with the reason', async () => {
    const [user, other] = [await portal.enrolled(), await portal.enrolled()];
    const refused = async (accountId: string, extras: Record<string, string>, type = 'two-factor.user.disable') =>
      (await command(type, accountId, extras)).problem;
    expect(await refused(user.id, { accountId: other.id })).toMatchObject({ code: 'forbidden', reason: 'key' });
    expect(await refused(user.id, { iat: 'now' })).toMatchObject({
      code: 'malformed-request',
      errors: [{ field: 'iat' }],
    });
    const challenge = String((await command('two-factor.challenge.open', other.id)).reply?.challenge);
    const typed = { challenge, code: user.phone.wrongCode() };
    expect(await refused(user.id, typed, 'two-factor.challenge.verify')).toMatchObject({
      code: 'forbidden',
      reason: 'challenge',
    });
    for (const { id } of [user, other]) {
      expect((await portal.api.account(portal.id, id)).success().twoFactor.status).toBe('enabled');
    }
  }, 60_000);
});

describe('commands that are delivered again', () => {
  it('have no second effect, and the same answer', async () => {
    const user = await portal.enrolled();
    const challenge = String((await command('two-factor.challenge.open', user.id)).reply?.challenge);
    await command('two-factor.challenge.verify', user.id, { challenge, code: user.phone.wrongCode() });
    const before = await until('the failure can be read', async () => {
      const types = await typesOf(user);
      return types.includes('AttemptFailed') && types;
    });

    const kafka = new Kafka({ brokers: env.KAFKA_BROKERS!.split(','), logLevel: logLevel.NOTHING });
    const sent = await messagesOf(kafka, `${env.KAFKA_PREFIX}.two-factor.commands`, user.id);
    const replies = `${env.KAFKA_PREFIX}.command-replies.example`;
    const producer = kafka.producer();
    await producer.connect();
    const again = sent.map((message, i) => ({
      ...message,
      headers: { ...message.headers, 'correlation-id': `again-${i}` },
    }));
    await producer.send({ topic: `${env.KAFKA_PREFIX}.two-factor.commands`, messages: [...again, ...again] });
    await producer.disconnect();
    const verified = await until('all are answered', async () => {
      const answers = await messagesOf(kafka, replies);
      const own = answers.filter(({ headers }) => String(headers?.['correlation-id']).startsWith('again-'));
      return own.length >= 2 * sent.length && own.filter(({ headers }) => idOf(headers) === 'again-1');
    });
    for (const { value } of verified) {
      expect(JSON.parse(String(value))).toMatchObject({ problem: { code: 'wrong-code', attemptsLeft: 1 } });
    }
    expect(await typesOf(user)).toEqual(before);
  });
});

describe('the audit consumer', () => {
  it('reads every event of an app, and finds order, ids and hash chain whole', async () => {
    const user = await portal.enrolled();
    const printed = await follow(user);
    const expected = (await portal.readEvents({ account: user.id })).filter(({ type }) =>
      type.startsWith('two-factor.'),
    );
    expect(printed.map((line) => line.split(' ')[3])).toEqual(expected.map(({ id }) => id));
  });

  it('ends at an event that was changed on its way, and says where', async () => {
    const kafka = new Kafka({ brokers: env.KAFKA_BROKERS!.split(','), logLevel: logLevel.NOTHING });
    const topic = `${env.KAFKA_PREFIX}.two-factor.events`;
    const user = await portal.enrolled();
    const events = await until('it is published', async () => {
      const found = await messagesOf(kafka, topic, user.id);
      return found.length >= 3 && found;
    });
    const producer = kafka.producer();
    await producer.connect();
    const forged = { ...events[0]!, value: String(events[0]!.value).replace('"reason":"setup"', '"reason":"reset"') };
    await producer.send({ topic, messages: [forged] });
    await producer.disconnect();
    const { code, said } = await ended(auditConsumer());
    expect(code).toBe(1);
    expect(said).toMatch(
      /^event \S+, version 1 of two-factor:\S+, does not have its hash.+\(at \S+two-factor.events\/\d+@\d+\)\n$/,
    );
    expect(said).toContain(user.id);
  });
});

const idOf = (headers: IHeaders | undefined): string => String(headers?.['correlation-id']);

/** With positions of its own: it begins with the first event. */
const auditConsumer = (): ChildProcess => {
  const positions = join(folder, `${randomUUID()}.json`);
  return spawn(process.execPath, [example('audit-consumer'), 'two-factor', positions], { env });
};
async function ended(consumer: ChildProcess): Promise<{ code: unknown; said: string }> {
  let said = '';
  consumer.stderr?.setEncoding('utf8').on('data', (part: string) => (said += part));
  const [code] = (await once(consumer, 'close')) as unknown[];
  return { code, said };
}

/** Lines on that account, once one of them is on its last event. */
async function follow({ id }: Person): Promise<string[]> {
  const consumer = auditConsumer();
  let text = '';
  consumer.stdout?.setEncoding('utf8').on('data', (part: string) => (text += part));
  const lines = () => text.split('\n').filter((line) => line.includes(id));
  try {
    return await until(
      'the consumer has read it',
      () => lines().some((line) => line.includes('backup-codes-issued')) && lines(),
      30_000,
    );
  } finally {
    const ended = once(consumer, 'exit');
    consumer.kill('SIGINT');
    expect(await ended).toEqual([0, null]);
    // it starts where it was: the next is to read from the first on
    const admin = new Kafka({ brokers: env.KAFKA_BROKERS!.split(','), logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    const group = `${env.KAFKA_PREFIX}.example-audit`;
    await until('its group is gone', () =>
      admin.deleteGroups([group]).then(
        () => true,
        () => false,
      ),
    );
    await admin.disconnect();
  }
}

/** All messages of a topic, or those on an account. */
async function messagesOf(kafka: Kafka, topic: string, accountId = '') {
  const [admin, consumer] = [kafka.admin(), kafka.consumer({ groupId: `read-${randomUUID()}`, maxWaitTimeInMs: 50 })];
  await Promise.all([admin.connect(), consumer.connect()]);
  const ends = (await admin.fetchTopicOffsets(topic)).filter(({ low, high }) => Number(high) > Number(low));
  const open = new Map(ends.map(({ partition, high }) => [partition, Number(high)]));
  const found: { key: Buffer | null; value: Buffer | null; headers?: IHeaders }[] = [];
  await consumer.subscribe({ topic, fromBeginning: true });
  await new Promise<void>((resolve, reject) => {
    if (open.size === 0) return resolve();
    const eachMessage = async ({ partition, message: { offset, key, value, headers } }: Each) => {
      if (accountId === '' || String(key).endsWith(accountId)) found.push({ key, value, ...(headers && { headers }) });
      if (Number(offset) + 1 >= (open.get(partition) ?? 0)) open.delete(partition);
      if (open.size === 0) resolve();
    };
    consumer.run({ autoCommit: false, eachMessage }).catch(reject);
  });
  await Promise.all([admin.disconnect(), consumer.disconnect()]);
  return found;
}
type Each = Parameters<NonNullable<Parameters<ReturnType<Kafka['consumer']>['run']>[0]>['eachMessage'] & object>[0];
