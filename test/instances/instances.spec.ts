import { setTimeout as sleep } from 'node:timers/promises';
import { noBackupCode } from '#test/support/calls/entrances.js';
import { type EventName, ofType } from '#test/support/events.js';
import { type Answer, newAddress } from '#test/support/calls/http.js';
import { type Person, Portal } from '#test/support/people/portal.js';
import { until } from '#test/support/until.js';
import { Cluster } from './support/cluster.js';
import { Commander, type CommandReply } from './support/commander.js';
import { Topic } from './support/topic.js';
import { Visitor } from './support/visitor.js';

let cluster: Cluster;
let portal: Portal;
beforeAll(async () => {
  cluster = await Cluster.start(2);
  portal = await Portal.make(cluster);
}, 240_000);
afterAll(() => cluster?.stop(), 60_000);

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i + 1);
const attempts = async (own: Portal, user: Person, type: EventName) =>
  ofType(await own.readEvents({ account: user.id }), type);

describe('two of each app', () => {
  it.each([1, 20])(
    'meet one limit with guesses at all of them at once, over HTTP and the bus: %i are looked at',
    async (limit) => {
      const own = await Portal.make(cluster, { maxFailedAttempts: limit });
      const user = await own.enrolled();
      const commander = await Commander.open(cluster, own.id, ['challenges']);
      const { token } = await own.serviceToken('challenges');
      const straight = cluster.all['two-factor'].map(({ api }) => api.as(token));
      const gateways = cluster.all.gateway.map(({ api }) => api);
      const identities = cluster.all.identity.map(({ api }) => api);
      const atLogin = await Promise.all([0, 1].map((i) => user.challenge(gateways[i])));
      const atGate = await Promise.all(straight.map((service) => user.challengeAt(service)));
      const byCommand = await commander.send('two-factor.challenge.open', own.id, user.id);
      const { challenge: onBus } = byCommand.reply as { challenge: string };
      const { password } = user.credentials;
      const code = user.phone.wrongCode();

      const guess = async (i: number): Promise<Answer<unknown> | CommandReply> => {
        const typed = i % 3 === 0 ? { backupCode: noBackupCode } : { code };
        const side = (i >> 3) % 2;
        switch (i % 5) {
          case 0:
            return straight[side]!.verifyChallenge(atGate[(i >> 4) % 2]!, typed);
          case 1:
            return gateways[side]!.from(newAddress()).sendCode(atLogin[side]!, typed);
          case 2:
            return identities[side]!.from(newAddress()).sendCode(atLogin[side]!, typed);
          case 3:
            return identities[side]!.as(user.token!).reAuthenticate({ password, ...typed });
          default:
            return commander.send('two-factor.challenge.verify', own.id, user.id, { challenge: onBus, ...typed });
        }
      };
      const answers = await Promise.all(Array.from({ length: 80 }, (_, i) => guess(i)));
      await commander.stop();

      const told = answers.map((answer) =>
        'success' in answer
          ? { code: answer.code, left: answer.code === 'wrong-code' && answer.refused('wrong-code').attemptsLeft }
          : { code: answer.problem?.code, left: answer.problem?.attemptsLeft },
      );
      const left = told.filter(({ code: refusal }) => refusal === 'wrong-code').map((answer) => Number(answer.left));
      const unanswered = told.filter(({ code: refusal }) => refusal === 'unavailable').length;
      expect(new Set(left).size).toBe(left.length);
      expect(upTo(limit - 1).filter((number) => !left.includes(number)).length).toBeLessThanOrEqual(unanswered);
      expect(Math.max(0, ...left)).toBeLessThan(limit);
      const others = new Set(told.map(({ code: refusal }) => refusal));
      for (const expected of ['wrong-code', 'session-ended', 'unavailable']) others.delete(expected);
      expect([...others]).toEqual(['account-locked']);

      const failed = await until('the events can be read', async () => {
        const locks = await attempts(own, user, 'AccountLocked');
        return locks.length > 0 && attempts(own, user, 'AttemptFailed');
      });
      expect(failed.map(({ data }) => data.failedAttempts)).toEqual(upTo(limit));
      expect(await attempts(own, user, 'AccountLocked')).toHaveLength(1);
      expect(await attempts(own, user, 'AttemptSucceeded')).toHaveLength(0);
    },
  );

  it('R28 refuse a revoked service token everywhere as soon as the revocation is answered, however it was remembered', async () => {
    const user = await portal.enrolled();
    for (let round = 0; round < 3; round++) {
      const { id, token } = await portal.serviceToken('challenges');
      const services = cluster.all['two-factor'].map(({ api }) => api.as(token));
      let revoked = false;
      const asking = services.map(async (service) => {
        while (!revoked) await service.openChallenge(portal.id, user.id);
      });
      await sleep(200);
      const administration = cluster.all['admin-policy'][round % 2]!.api.as(cluster.operatorToken);
      (await administration.revokeServiceToken(portal.id, id)).success();
      const answers = await Promise.all(services.map((service) => service.openChallenge(portal.id, user.id)));
      revoked = true;
      await Promise.all(asking);
      expect(answers.map(({ code }) => code)).toEqual(['unauthenticated', 'unauthenticated']);
    }
  });

  it('R28 act by a setting, a lock and an unlock from the next request on, whichever of them is asked', async () => {
    const own = await Portal.make(cluster, { maxFailedAttempts: 1 });
    const user = await own.enrolled();
    const service = await own.service('challenges');
    const settings = await own.settings();
    const { token } = own.admin;
    for (let round = 0; round < 4; round++) {
      const administration = cluster.all['admin-policy'][round % 2]!.api.as(token!);
      const services = cluster.all.gateway.map(() => service);
      for (const enabled of [false, true]) {
        (await administration.changeSettings(own.id, { ...settings, enabled })).success();
        const asked = await Promise.all(services.map((gate) => gate.openChallenge(own.id, user.id)));
        expect(asked.map((answer) => answer.success().required)).toEqual([enabled, enabled]);
      }
      const at = cluster.all.gateway[round % 2]!.api;
      (await user.enterCode(user.phone.wrongCode(), at)).refused('account-locked');
      const logins = () => Promise.all(cluster.all.identity.map(({ api }) => user.enterPassword(api)));
      for (const login of await logins()) login.refused('account-locked');
      (await administration.unlock(own.id, user.id)).success();
      for (const login of await logins()) expect(login.success().status).toBe('code-required');
    }
  });
});

describe('under load', () => {
  const LIMIT = 10;
  let visitors: Visitor[];
  let topics: Topic[];
  let ended = false;
  let work: Promise<unknown>;

  beforeAll(async () => {
    const busy = await Portal.make(cluster, { maxFailedAttempts: LIMIT });
    visitors = [];
    for (let count = 0; count < 4; count++) visitors.push(new Visitor(cluster, busy, await busy.enrolled()));
    topics = await Promise.all(['two-factor', 'identity'].map((app) => Topic.follow(cluster.settings, app)));
    work = Promise.all(visitors.map((visitor) => visitor.run(() => ended)));
    work.catch(() => undefined);
  });
  afterAll(async () => {
    ended = true;
    await Promise.all(topics.map((topic) => topic.stop()));
  });

  const publisherOf = async (): Promise<number> =>
    until('one of them publishes', () => {
      const lines = cluster.all['two-factor'].map(({ printed }) => printed.lastIndexOf('publishes the events'));
      return lines.findIndex((line) => line >= 0);
    });

  it('events go on within five seconds of the death of the one that publishes them, in order, with the same ids', async () => {
    const [events] = topics as [Topic];
    const user = await portal.enrolled();
    const { token } = await portal.serviceToken('challenges');
    for (let round = 0; round < 2; round++) {
      const holder = await publisherOf();
      const [victim, survivor] = [holder, 1 - holder].map((index) => cluster.all['two-factor'][index]!);
      const gate = survivor!.api.as(token);
      const challenge = await user.challengeAt(gate);
      const attempt = `${portal.id}/${user.id}`;
      victim!.printed = '';
      await victim!.end('SIGKILL');
      const killedAt = performance.now();
      (await gate.verifyChallenge(challenge, { code: user.phone.wrongCode() })).refused('wrong-code');
      const next = await until('the attempt is published', () =>
        events.messages.find(({ key, seenAt }) => key === attempt && seenAt > killedAt),
      );
      expect(next.seenAt - killedAt).toBeLessThan(5_000);
      await victim!.start();
    }
    events.checkOrder();
  }, 180_000);

  const kinds = ['two-factor', 'identity', 'admin-policy', 'audit', 'gateway'] as const;
  const sum = (count: (visitor: Visitor) => number) => visitors.reduce((all, visitor) => all + count(visitor), 0);

  it('a restart of each, one after the other, is hardly noticed', async () => {
    const [answeredBefore, awayBefore] = [sum(({ visits }) => visits.answered), sum(({ visits }) => visits.away)];
    for (const instance of kinds.flatMap((kind) => cluster.all[kind])) {
      expect(await instance.end('SIGTERM')).toBe(0);
      await instance.start();
    }
    const answered = sum(({ visits }) => visits.answered) - answeredBefore;
    expect(answered).toBeGreaterThan(200);
    expect(sum(({ visits }) => visits.away) - awayBefore).toBeLessThan(answered / 10);
  }, 600_000);

  it('of each one is killed, and they go on answering', async () => {
    for (const kind of kinds) {
      const answered = sum(({ visits }) => visits.answered);
      const [victim] = cluster.all[kind];
      await victim!.end('SIGKILL');
      await until('more is answered', () => sum(({ visits }) => visits.answered) > answered + 50, 60_000);
      await victim!.start();
    }
  }, 600_000);

  it('nothing that was answered is lost, nothing is doubled or out of order', async () => {
    ended = true;
    await work;
    for (const topic of topics) {
      await topic.untilComplete(10_000);
      topic.checkOrder();
    }
    for (const { visits, portal: busy, person } of visitors) {
      const isWrong = ({ data }: Awaited<ReturnType<typeof attempts>>[number]) => Number(data.failedAttempts) < LIMIT;
      // the topics are complete; audit may still be reading them
      const failed = await until(`each of ${visits.wrongCodes} wrong codes is in the trail`, async () => {
        const read = await attempts(busy, person, 'AttemptFailed');
        return read.filter(isWrong).length >= visits.wrongCodes && read;
      });
      const wrong = failed.filter(isWrong).length;
      expect(wrong).toBeLessThanOrEqual(visits.wrongCodes + visits.awayAtCodes);
      const locks = (await attempts(busy, person, 'AccountLocked')).length;
      expect(locks).toBe(failed.length - wrong);
      expect(locks).toBeLessThanOrEqual(visits.locked + visits.awayAtCodes);
    }
  });
});
