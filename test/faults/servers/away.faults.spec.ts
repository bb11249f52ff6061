import { setTimeout as after } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';
import { checkStreams, typeOf } from '#test/support/events.js';
import { type Servers, startServers } from '#test/support/servers/engines.js';
import type { Person } from '#test/support/people/portal.js';
import { until, withinASecond } from '#test/support/until.js';
import { usePortal, useStack } from '#test/support/use-stack.js';

const AWAY_MS = Number(process.env.FAULTS_AWAY_MS ?? 20_000);
/** Longer nobody waits for an answer, whatever is away. */
const ANSWER_MS = 12_000;

const servers = await startServers({ own: true });
const missing = 'missing' in servers ? servers.missing : undefined;

(missing === undefined ? describe : describe.skip)(
  missing ?? 'an engine that is away, or brings what it should not',
  () => {
    const { kafka, mongo, stop } = servers as Servers;
    const stack = useStack({ servers: servers as Servers });
    const portal = usePortal(stack);
    let user: Person;
    beforeAll(async () => {
      user = await portal.enrolled();
    });
    afterAll(() => stop());

    const isReady = async () => (await stack.api.raw('GET', '/health/ready')).status === 200;

    /** While it is away every call is refused as unavailable, soon, with Retry-After; then all goes on in the same process. */
    async function away(server: { kill(): Promise<void>; start(): Promise<void> }): Promise<void> {
      const { pid } = stack;
      const change = await portal.settings({ maxFailedAttempts: 7 });
      await server.kill();
      const since = performance.now();
      const codes: (string | null)[] = [];
      while (performance.now() - since < AWAY_MS) {
        const answers = await Promise.all([user.enterPassword(), portal.api.changeSettings(portal.id, change)]);
        for (const { code, elapsedMs } of answers) {
          codes.push(code);
          expect(elapsedMs).toBeLessThan(ANSWER_MS);
        }
        await after(100);
      }
      expect(new Set(codes)).toEqual(new Set(['unavailable']));
      expect(await isReady()).toBe(false);

      await server.start();
      await until('it is ready again', isReady, 60_000);
      await user.signIn();
      const { maxFailedAttempts } = await portal.set({ maxFailedAttempts: 6 });
      expect(maxFailedAttempts).toBe(6);
      const another = await portal.enrolled();
      (await another.enterCode(another.phone.wrongCode())).refused('wrong-code');
      checkStreams(await portal.allEvents());
      expect(stack.pid).toBe(pid);
    }

    it('the broker', async () => {
      await away(kafka.process as NonNullable<typeof kafka.process>);
    }, 180_000);

    it('the database', async () => {
      await away(mongo.process as NonNullable<typeof mongo.process>);
    }, 180_000);

    it('a poisonous message becomes a dead letter with its reason, and what comes after it goes on', async () => {
      const producer = new Kafka({ brokers: [...kafka.brokers], logLevel: logLevel.NOTHING }).producer();
      await producer.connect();
      const key = `${portal.id}/${user.id}`;
      const planted = 'hunter2 in no letter and no log';
      await producer.send({
        topic: `${stack.engine.env.KAFKA_PREFIX}.two-factor.events`,
        messages: [
          { key, value: planted },
          {
            key,
            value: planted,
            headers: { ce_specversion: '1.0', ce_type: typeOf('AccountLocked'), ce_id: 'x' },
          },
        ],
      });
      await producer.disconnect();
      await user.fail(1);
      await portal.eventsOf(user, 'AttemptFailed');
      // identity and audit read that topic, each has two letters
      const letters = async () =>
        stack
          .output()
          .split('\n')
          .filter((line) => line.includes('"deadLetter"'));
      await until('the letters are written', async () => (await letters()).length >= 4);
      expect((await letters()).every((line) => line.includes('"reason":"Unreadable: it is '))).toBe(true);
      const { text } = await stack.api.raw('GET', '/metrics');
      expect(text).toMatch(/^twinlock_\w*dead_letter\w*\{[^}]*source="two-factor"[^}]*\} 2$/m);
      expect(stack.output()).not.toContain(planted);
      // a lock still reaches identity, in the same partition
      await user.lock();
      await withinASecond('the session ends', async () => (await user.api.me()).code === 'session-ended');
    });
  },
);
