import { connect } from 'node:net';
import { setTimeout as after } from 'node:timers/promises';
import { checkStreams, EventStream } from '#test/support/events.js';
import type { Person } from '#test/support/people/portal.js';
import { useGateway, usePortal, useStack } from '#test/support/use-stack.js';
import { until } from '#test/support/until.js';
import { checkJournal, Journal } from './support/journal.js';
import { outcomeOf } from './support/outcome.js';
import { randomFromEnvironment } from './support/random.js';

const random = randomFromEnvironment();
const stack = useStack();
const portal = usePortal(stack, { maxFailedAttempts: 100 });
const gateway = useGateway(portal);

/** Sends until it gets no answer. An answer that begins and does not end is an error. */
async function send(user: Person, challenge: string, journal: Journal): Promise<void> {
  for (;;) {
    const outcome = await outcomeOf(gateway.verifyChallenge(challenge, { code: user.phone.wrongCode() }));
    if ('lost' in outcome) return;
    if (outcome.answer.code === 'wrong-code') {
      journal.attemptsLeft.push(Number(outcome.answer.refused('wrong-code').attemptsLeft));
    } else {
      // what comes when the stores are closing already
      outcome.answer.refused('unavailable');
    }
  }
}

describe('SIGTERM under load', () => {
  it('ends it with exit code 0 within seconds: what was answered is there, and nothing else was recorded', async () => {
    const users = [await portal.enrolled(), await portal.enrolled(), await portal.enrolled(), await portal.enrolled()];
    for (let round = 0; round < 3; round += 1) {
      const journals = new Map(users.map((user) => [user, new Journal()]));
      const sending = Promise.all(
        users.flatMap((user) =>
          [0, 1, 2].map(async () => send(user, await user.challengeAt(gateway), journals.get(user) as Journal)),
        ),
      );
      const answered = () => [...journals.values()].reduce((sum, { attemptsLeft }) => sum + attemptsLeft.length, 0);
      await until('the load is on', () => answered() > 20);
      await after(random.between(0, 50));
      const began = performance.now();
      expect(await stack.shutDown()).toBe(0);
      expect(performance.now() - began).toBeLessThan(8_000);
      await sending;

      await stack.start();
      const events = await portal.allEvents();
      checkStreams(events);
      for (const [user, journal] of journals) {
        const own = events.filter(({ account, type }) => account === user.id && type.startsWith('two-factor.'));
        const since = own.slice(1 + own.findLastIndex(({ type }) => /attempt-succeeded|two-factor-enabled/.test(type)));
        checkJournal(journal, since);
        (await gateway.verifyChallenge(await user.challengeAt(gateway), { code: user.phone.freshCode() })).success();
      }
    }
  });

  it('is not kept waiting by open streams, idle connections and half a request', async () => {
    const url = `${stack.origin}/v1/portals/${portal.id}/events/stream`;
    const stream = await EventStream.open(url, portal.admin.token as string);
    const reading = stream.until(() => false).catch(() => 'ended');
    const { hostname, port } = new URL(stack.origin);
    const sockets = ['', 'GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n', 'POST /v1/login HTTP/1.1\r\nHost: x\r\n'].map(
      (bytes) =>
        connect(Number(port), hostname, function (this: NodeJS.WritableStream) {
          this.write(bytes);
        }).on('error', () => undefined),
    );
    await (await portal.enrolled()).fail(1);
    const began = performance.now();
    expect(await stack.shutDown()).toBe(0);
    expect(performance.now() - began).toBeLessThan(15_000);
    expect(await reading).toBe('ended');
    for (const socket of sockets) socket.destroy();
  });
});
