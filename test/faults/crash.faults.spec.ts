import { setTimeout as after } from 'node:timers/promises';
import type { Api } from '#test/support/calls/client.js';
import { asRecorded, checkStreams, shortType, streamOf } from '#test/support/events.js';
import { type Person, Portal } from '#test/support/people/portal.js';
import { useStack } from '#test/support/use-stack.js';
import { until, withinASecond } from '#test/support/until.js';
import { BusyAccount } from './support/busy-account.js';
import { ChangingAccount } from './support/changing-account.js';
import { Follower } from './support/follower.js';
import { checkAttempts, checkJournal } from './support/journal.js';
import { randomFromEnvironment } from './support/random.js';
import { lookInto } from '#test/support/stored/store-file.js';
import { eventsIn, vaultIn } from '#test/support/stored/stored.js';

const ROUNDS = Number(process.env.FAULTS_ROUNDS ?? 12);
const ACCOUNTS = 3;
/** At once, for each account. */
const SENDERS = 3;
const LIMITS = [100, 3] as const;

const stack = useStack({ env: { LOG_LEVEL: 'error' } });
const random = randomFromEnvironment();
let portals: Portal[];
let busy: BusyAccount[];
let changing: ChangingAccount;
let followers: Follower[];
let lockedForGood: { open: () => ReturnType<Api['openChallenge']> };

let atAnswer = () => {};
const answered = () => busy.reduce((sum, { journal }) => sum + journal.answered, changing.changes);

beforeAll(async () => {
  portals = [];
  busy = [];
  followers = [];
  for (const maxFailedAttempts of LIMITS) {
    const portal = await Portal.make(stack, { maxFailedAttempts });
    portals.push(portal);
    const [gateway, tool] = [await portal.service('challenges'), await portal.service('commands')];
    for (let i = 0; i < ACCOUNTS; i += 1) {
      busy.push(new BusyAccount(portal, await portal.enrolled(), gateway, tool, random, () => atAnswer()));
    }
    const { token } = await portal.serviceToken('events');
    const from = '1970-01-01T00:00:00.000Z';
    followers.push(new Follower(`${stack.origin}/v1/portals/${portal.id}/events/stream?from=${from}`, token));
  }
  const [portal, strict] = portals as [Portal, Portal];
  changing = new ChangingAccount(portal, await portal.enrolled(), random);
  const victim = await (await strict.enrolled()).lock();
  const gateway = await strict.service('challenges');
  lockedForGood = { open: () => gateway.openChallenge(strict.id, victim.id) };
});

/** Load on every account until the process is killed: with an answer just read, or at a moment that nothing foresees. */
async function loadUntilKilled(): Promise<void> {
  const target = answered() + random.between(10, 250);
  const delay = random.chance(0.5) ? 0 : random.between(1, 30);
  let ended = false;
  const killed = new Promise<void>((resolve, reject) => {
    atAnswer = () => {
      if (answered() < target) return;
      atAnswer = () => {};
      if (delay === 0) resolve(stack.kill());
      else after(delay).then(() => resolve(stack.kill()), reject);
    };
  });
  const hangUp = new AbortController();
  const work = Promise.all([
    ...busy.flatMap((account) => Array.from({ length: SENDERS }, () => account.run(() => ended))),
    changing.run(() => ended),
    ...followers.map((follower) => follower.follow(hangUp.signal)),
  ]);
  try {
    // what is wrong with an answer must fail the test, not wait for the kill
    await Promise.race([work, killed]);
  } finally {
    ended = true;
    hangUp.abort();
  }
  await Promise.all([work, killed]);
}

/** Sometimes killed again while it starts. */
async function startAgain(): Promise<void> {
  if (random.chance(0.3)) {
    const starting = stack.start().catch(() => undefined);
    await after(random.between(50, 1_500));
    await stack.kill();
    await starting;
  }
  await stack.start();
  for (const { admin } of portals) await admin.signIn();
}

describe('a process that is killed at random moments under load', () => {
  it(`is as it was answered after each of ${ROUNDS} kills: locked stays locked, nobody is shut out, old secrets are gone`, async () => {
    for (let round = 1; round <= ROUNDS; round += 1) {
      await loadUntilKilled();
      await startAgain();
      const { held, named } = await lookInto(stack.dataDir, 'two-factor', vaultIn);
      expect(held).toEqual(named);
      (await lockedForGood.open()).refused('account-locked');
      await changing.check();
    }
    expect(changing.changes).toBeGreaterThan(ROUNDS / 2);
  }, 240_000);

  it('has lost no answered attempt, and evaluated none too many: no step and no backup code twice, no guess above the limit', async () => {
    for (const [i, portal] of portals.entries()) {
      const events = await portal.allEvents();
      checkStreams(events);
      for (const { person, journal } of busy.filter((account) => account.portal === portal)) {
        const own = events.filter((event) => event.account === person.id && event.type.startsWith('two-factor.'));
        checkAttempts(own, LIMITS[i] as number);
        checkJournal(journal, own);
        const last = own.findLast((event) => /^(AccountLocked|UserUnlocked)$/.test(shortType(event)));
        const expected = last && shortType(last) === 'AccountLocked' ? 'locked' : 'active';
        expect((await portal.api.account(portal.id, person.id)).success().status).toBe(expected);
      }
    }
    const sum = (count: (account: BusyAccount) => number) => busy.reduce((all, account) => all + count(account), 0);
    const seen = {
      passed: sum(({ journal }) => journal.passedSteps.length),
      byBackupCode: sum(({ journal }) => journal.passedBackupCodes.length),
      failed: sum(({ journal }) => journal.attemptsLeft.length),
      refusedAsLocked: sum(({ journal }) => journal.refusedAsLocked),
      unlocked: sum(({ journal }) => journal.unlocked),
      lost: sum(({ journal }) => journal.lostAttempts),
    };
    for (const [what, times] of Object.entries(seen)) expect([what, times > 0]).toEqual([what, true]);
  });

  it('told its consumers every event once more or less, in order, and with the same id', async () => {
    for (const [i, follower] of followers.entries()) {
      const events = await (portals[i] as Portal).allEvents();
      const last = events.at(-1)?.id;
      const hangUp = new AbortController();
      const following = follower.follow(hangUp.signal);
      await until('the last event comes', () => follower.events.some(({ id }) => id === last));
      hangUp.abort();
      await following;
      const first = new Map(follower.events.map((event) => [event.id, event]));
      expect([...first.values()]).toEqual(events);
    }
  });

  it('has ended the sessions that had to end, though it was killed with the answer', async () => {
    const [, portal] = portals as [Portal, Portal];
    const ends: Record<string, (user: Person) => Promise<unknown>> = {
      'by a lock': (user) => user.lock(),
      'by disabling': async (user) => (await user.api.disable()).success(),
      'by a reset': async (user) => (await user.api.reset()).success(),
    };
    for (const [why, end] of Object.entries(ends)) {
      const user = await portal.enrolled();
      const other = stack.api.as(await user.secondSession());
      (await other.me()).success();
      await end(user);
      await stack.restart();
      await withinASecond(`the session ends ${why}`, async () => (await other.me()).code === 'session-ended');
    }
    await portal.admin.signIn();
  });

  it('left logs that are whole, and an audit that says what they say', async () => {
    const told = await Promise.all(portals.map((portal) => portal.allEvents()));
    await stack.shutDown();
    expect((await stack.run('verify')).stdout).toContain('The logs are intact.');
    const recorded = await lookInto(stack.dataDir, 'two-factor', eventsIn);
    for (const events of told) {
      const streams = new Map<string, unknown[]>();
      for (const event of events.filter(({ type }) => type.startsWith('two-factor.'))) {
        const stream = streamOf(event).slice('two-factor:'.length);
        streams.set(stream, [...(streams.get(stream) ?? []), asRecorded(event)]);
      }
      for (const [stream, own] of streams) expect(recorded.get(stream)).toEqual(own);
    }
    const total = told.flat().filter(({ type }) => type.startsWith('two-factor.')).length;
    expect([...recorded.values()].flat()).toHaveLength(total);
  });
});
