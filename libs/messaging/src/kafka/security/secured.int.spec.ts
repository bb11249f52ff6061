import { aContext } from '#libs/contracts/src/testing/contexts.js';
import { readFileSync } from 'node:fs';
import {
  AclOperationTypes,
  AclPermissionTypes,
  AclResourceTypes,
  Kafka,
  logLevel,
  ResourcePatternTypes,
} from 'kafkajs';
import { pino } from 'pino';
import type { RecordedEvent } from '#libs/contracts/src/events/event.js';
import { twoFactorRequests } from '#libs/contracts/src/messages/requests.js';
import { MemoryEngine } from '#libs/event-store/src/testing/memory-engine.js';
import { newRingKey } from '#libs/vault/src/keyring.js';
import { type SecuredKafka, startSecured } from '#test/support/servers/kafka/secured.js';
import type { DeadLetter } from '../../consuming/dead-letters.js';
import { Requests } from '../../requests.js';
import { controllers, record, Script, startApp } from '../../testing/bus-apps.js';
import { eventually } from '../../testing/eventually.js';
import { createKafkaBus } from '../bus.js';
import { KafkaConnection, type KafkaSettings } from '../cluster/connection.js';
import { Replaying } from '../letters/replaying.js';
import { type Acl, aclsOf } from './acls.js';

const prefix = 'twinlock';
const acls = aclsOf(prefix, (app) => (app === 'two-factor' ? [] : ['two-factor']));
const logger = pino({ level: 'silent' });

const kafka = await startSecured(['two-factor', 'identity', 'audit', 'tools', 'mallory']).catch(
  (error: Error) => error,
);
const missing = kafka instanceof Error ? kafka.message : undefined;

(missing === undefined ? describe : describe.skip)(`TLS, SASL and ACLs${missing ? `: ${missing}` : ''}`, () => {
  const there = kafka as SecuredKafka;
  const as = (user: string, password = there.passwordOf(user)): KafkaSettings => ({
    brokers: [there.broker],
    tls: { ca: readFileSync(there.caFile, 'utf8') },
    sasl: { mechanism: 'plain', username: user, password },
  });
  beforeAll(() => allow(there.open, acls));
  afterAll(() => there.stop());

  it('let each app do what it does on the bus', async () => {
    const keys = [newRingKey('k1')];
    const bus = (app: string) => createKafkaBus({ ...as(app), prefix, partitions: 2, keys, logger });
    const buses = { twoFactor: bus('two-factor'), identity: bus('identity'), audit: bus('audit') };
    const [source, engine] = [new MemoryEngine(), new MemoryEngine()];
    const got: RecordedEvent[] = [];
    let broken = true;
    const script = new Script();
    script.event = (event) => {
      if (broken && event.streamVersion === 1) throw new TypeError('not now');
      got.push(event);
    };
    const trail: RecordedEvent[] = [];
    const auditing = new Script();
    auditing.batch = (events) => trail.push(...events);
    const identity = buses.identity.join('identity', engine);
    const apps = await Promise.all([
      startApp(buses.twoFactor.join('two-factor', source), controllers.answering),
      startApp(identity, controllers.events, script),
      startApp(buses.audit.join('audit', new MemoryEngine()), controllers.batch, auditing),
    ]);
    const replaying = new Replaying({ ...as('tools'), prefix, logger });
    try {
      await record(source, 'a1', ['AttemptFailed', 'AccountLocked']);
      await eventually(() => expect(got.map(({ streamVersion }) => streamVersion)).toEqual([2]));
      await eventually(() => expect(trail.map(({ streamVersion }) => streamVersion)).toEqual([1, 2]));
      await expect(
        new Requests(identity.ask).send(
          twoFactorRequests.describeAccounts,
          { portal: 'demo', accountIds: [] },
          aContext(),
        ),
      ).resolves.toEqual({ accounts: [] });

      broken = false;
      const [letter] = await engine.records<DeadLetter>('dead-letters').list({});
      await replaying.send('identity', letter!.value);
      await eventually(() => expect(got.map(({ streamVersion }) => streamVersion)).toEqual([2, 1]));
    } finally {
      await replaying.close();
      await Promise.all(apps.map((app) => app.close()));
      await Promise.all(Object.values(buses).map((one) => one.close()));
    }
  }, 90_000);

  it.each([
    ['an app that writes the events of another', 'audit', `${prefix}.two-factor.events`],
    ['somebody without an ACL that sends a command', 'mallory', `${prefix}.two-factor.commands`],
    ['identity that sends a command', 'identity', `${prefix}.two-factor.commands`],
  ])('refuse %s', async (_, user, topic) => {
    const producer = new KafkaConnection(as(user), { logger, clientId: user }).producer();
    await producer.connect();
    const sending = producer.send({ topic, messages: [{ key: 'demo/a1', value: '{}' }] });
    await expect(sending).rejects.toThrow(/authorized|does not host/i);
    await producer.disconnect();
  });

  it('refuse a wrong password, and a broker of another authority', async () => {
    const guess = new KafkaConnection(as('identity', 'hunter2'), { logger, clientId: 'guess' }).producer();
    await expect(guess.connect()).rejects.toThrow(/SASL|[Aa]uthentication/);
    const trusting = { ...as('identity'), tls: true };
    const other = new KafkaConnection(trusting, { logger, clientId: 'other' }).producer();
    await expect(other.connect()).rejects.toThrow(/certificate|self.signed/i);
  });
});

/** What `commandOf` says to Kafka's tool, said to the broker itself. */
async function allow(broker: string, given: readonly Acl[]): Promise<void> {
  const admin = new Kafka({ brokers: [broker], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  const { TOPIC, GROUP } = AclResourceTypes;
  const { PREFIXED, LITERAL } = ResourcePatternTypes;
  const operations = {
    Create: 'CREATE',
    Describe: 'DESCRIBE',
    Read: 'READ',
    Write: 'WRITE',
    Delete: 'DELETE',
  } as const;
  await admin.createAcls({
    acl: given.flatMap((one) =>
      one.operations.map((operation) => ({
        principal: `User:${one.principal}`,
        host: '*',
        resourceType: one.resource === 'topic' ? TOPIC : GROUP,
        resourceName: one.name,
        resourcePatternType: one.prefixed ? PREFIXED : LITERAL,
        operation: AclOperationTypes[operations[operation]],
        permissionType: AclPermissionTypes.ALLOW,
      })),
    ),
  });
  await admin.disconnect();
}
