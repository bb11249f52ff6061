import { setTimeout as sleep } from 'node:timers/promises';
import type { Api } from '#test/support/calls/client.js';
import { newAddress } from '#test/support/calls/http.js';
import { Application } from '#test/support/people/application.js';
import { HandBrowser } from '#test/support/people/hand-browser.js';
import { Portal } from '#test/support/people/portal.js';
import { until } from '#test/support/until.js';
import { Cluster } from './support/cluster.js';
import { Commander, type CommandReply } from './support/commander.js';

let cluster: Cluster;
beforeAll(async () => {
  cluster = await Cluster.start(2);
}, 240_000);
afterAll(() => cluster?.stop(), 60_000);

const identities = () => cluster.all.identity.map(({ api }) => api) as [Api, Api];
const replyOf = ({ reply }: CommandReply) => reply as Record<string, unknown>;

describe('on two of each app', () => {
  it('R41 a suspension holds for the next request everywhere, by HTTP and by the bus, and so does its end', async () => {
    const own = await Portal.make(cluster);
    const user = await own.enrolled();
    const tool = await Commander.open(cluster, own.id, ['accounts', 'challenges']);
    const { token } = await own.serviceToken('challenges');
    const services = cluster.all['two-factor'].map(({ api }) => api.as(token));
    for (let round = 0; round < 4; round++) {
      const { token: admin } = await own.admin.signIn();
      const byHttp = identities()[round % 2]!.as(admin!);
      const session = await user.secondSession();
      const challenge = await user.challengeAt(services[0]!);
      const suspended =
        round < 2
          ? (await byHttp.suspend(own.id, user.id)).success()
          : replyOf(await tool.send('two-factor.account.suspend', own.id, user.id));
      expect(suspended).toEqual({ status: 'suspended' });
      const code = user.phone.wrongCode();
      const answers = await Promise.all([
        ...identities().map((api) => user.enterPassword(api)),
        ...services.map((service) => service.openChallenge(own.id, user.id)),
        ...services.map((service) => service.verifyChallenge(challenge, { code })),
      ]);
      expect(new Set(answers.map((answer) => answer.code))).toEqual(new Set(['account-suspended']));
      for (const { api } of cluster.all.gateway) (await api.as(session).me()).refused('session-ended');
      const opened = await tool.send('two-factor.challenge.open', own.id, user.id);
      expect(opened.problem?.code).toBe('account-suspended');

      if (round % 2 === 0) (await byHttp.resume(own.id, user.id)).success();
      else expect(replyOf(await tool.send('two-factor.account.resume', own.id, user.id))).toEqual({ status: 'active' });
      for (const service of services) {
        (await service.verifyChallenge(challenge, { code })).refused('challenge-ended');
        expect((await service.openChallenge(own.id, user.id)).success().required).toBe(true);
      }
      for (const { api } of cluster.all.gateway) (await api.as(session).me()).refused('session-ended');
      for (const api of identities()) expect((await user.enterPassword(api)).success().status).toBe('code-required');
    }
    for (const what of ['suspend', 'resume']) {
      const refused = await tool.send(`two-factor.account.${what}`, own.id, own.admin.id);
      expect(refused.problem?.code).toBe('forbidden');
    }
    const unknown = await tool.send('two-factor.account.suspend', own.id, 'nobody');
    expect(unknown.problem?.code).toBe('not-found');
    await tool.stop();
  });

  it('R39 a browser is remembered everywhere, and what ends it does so for the next login on any', async () => {
    const own = await Portal.make(cluster, { rememberDays: 30 });
    const user = await own.enrolled();
    const [first, second] = identities();
    const isAsked = async (token: string) =>
      Promise.all(
        identities().map(
          async (api) => (await user.enterPasswordWith(token, api)).success().status === 'code-required',
        ),
      );
    let token = await user.remember(first);
    for (const api of [second, first]) {
      const answer = (await user.enterPasswordWith(token, api)).success();
      token = (answer as { browserToken: string }).browserToken;
    }
    expect(await isAsked(token)).toEqual([false, false]);
    const { token: admin } = await own.admin.signIn();
    (await second.as(admin!).forgetBrowsersOf(own.id, user.id)).success();
    expect(await isAsked(token)).toEqual([true, true]);

    const another = await user.remember(second);
    await user.lock();
    (await own.api.unlock(own.id, user.id)).success();
    expect(await isAsked(another)).toEqual([true, true]);

    const last = await user.remember(first);
    await own.set({ rememberDays: 0 });
    expect(await isAsked(last)).toEqual([true, true]);
  });

  it('R35 people log in to applications by any, and what ends their session ends the tokens on all', async () => {
    const own = await Portal.make(cluster);
    const [first, second] = cluster.all.gateway.map(({ origin }) => origin) as [string, string];
    const application = await Application.open(own, first);
    const user = await own.enrolled();
    const window = new HandBrowser(first, ({ origin }) => origin === application.origin);
    const { url, end } = await application.begin();
    const { tokens, claims } = await end((await window.authorize(url, user)).url);
    expect(claims.sub).toBe(user.id);
    const userinfo = (origin: string) =>
      fetch(`${origin}/p/${own.id}/me`, { headers: { authorization: `Bearer ${tokens.access_token}` } });
    for (const origin of [first, second]) expect((await userinfo(origin)).status).toBe(200);
    await user.lock();
    for (const origin of [first, second, first, second]) {
      await until('the token is good for nothing', async () => (await userinfo(origin)).status === 401, 2_000);
    }
    await application.close();
  });

  it('R33 lists and counts know everywhere what any instance has adopted, and who logged in where', async () => {
    const own = await Portal.make(cluster);
    const [user, other] = [await own.enrolled(), await own.register()];
    const { token } = await own.admin.signIn();
    const admins = identities().map((api) => api.as(token!));
    for (const admin of admins) {
      await until('everything is counted', async () => (await admin.twoFactorSummary(own.id)).success().enabled === 1);
    }
    for (const [round, by] of cluster.all['admin-policy'].entries()) {
      await user.lock();
      for (const admin of admins) {
        await until('the lock is known', async () => (await admin.twoFactorSummary(own.id)).success().locked === 1);
        const { accounts } = (await admin.accounts(own.id, { status: 'locked' })).success();
        expect(accounts.map(({ id }) => id)).toEqual([user.id]);
      }
      // what an administrator did is known at once
      (await by.api.as(token!).unlock(own.id, user.id)).success();
      const counts = await Promise.all(admins.map(async (admin) => (await admin.twoFactorSummary(own.id)).success()));
      expect(counts.map(({ locked }) => locked)).toEqual([0, 0]);
      await other.enterPassword(identities()[round]);
      for (const admin of admins) {
        const { accounts } = (await admin.accounts(own.id, { sort: '-lastLoginAt' })).success();
        expect(accounts[0]?.id).toBe(other.id);
      }
    }
  });

  it('R41 two administrators who suspend each other at once leave one', async () => {
    for (let round = 0; round < 4; round++) {
      const own = await Portal.make(cluster);
      const second = await (await own.register({ admin: true })).signIn();
      const { token } = await own.admin.signIn();
      const [one, other] = identities();
      const answers = await Promise.all([
        one.as(token!).suspend(own.id, second.id),
        other.as(second.token!).suspend(own.id, own.admin.id),
      ]);
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
      const logins = await Promise.all([own.admin, second].map((each) => each.enterPassword()));
      expect(logins.map(({ code }) => code).sort()).toEqual(['account-suspended', null]);
    }
  });

  it('R41 no login in flight has a session that outlives the suspension, whichever instance completes it', async () => {
    const own = await Portal.make(cluster);
    const user = await own.contributor();
    for (let round = 0; round < 6; round++) {
      await own.admin.signIn();
      const logins = Array.from({ length: 6 }, (_, i) => user.enterPassword(identities()[i % 2]!.from(newAddress())));
      // so that each round meets another part of the logins
      await sleep(round * 40);
      (await own.api.suspend(own.id, user.id)).success();
      const issued = (await Promise.all(logins)).flatMap((login) => {
        if (login.code !== null) return [];
        const answer = login.success();
        return answer.status === 'complete' ? [answer.accessToken] : [];
      });
      (await own.api.resume(own.id, user.id)).success();
      for (const token of issued) (await identities()[round % 2]!.as(token).me()).refused('session-ended');
    }
  });

  it('R44 a session that is ended at one has ended at all', async () => {
    const own = await Portal.make(cluster);
    const user = await own.contributor();
    const other = await user.secondSession();
    const [one, two] = identities();
    const [newest] = (await two.as(user.token!).mySessions()).success().sessions;
    (await one.as(user.token!).endMySession(newest!.id)).success();
    for (const api of identities()) (await api.as(other).me()).refused('session-ended');
    for (const { api } of cluster.all['two-factor']) (await api.as(other).myTwoFactor()).refused('session-ended');
    expect((await two.as(user.token!).mySessions()).success().sessions).toMatchObject([{ current: true }]);
  });
});
