import { execFileSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { checkStreams, ofType } from '#test/support/events.js';
import type { Person } from '#test/support/people/portal.js';
import { useGateway, usePortal, useStack } from '#test/support/use-stack.js';
import { until } from '#test/support/until.js';
import { checkAttempts, Journal } from './support/journal.js';
import { runTool } from './support/data.js';

const stack = useStack();
const portal = usePortal(stack, { maxFailedAttempts: 100 });
const gateway = useGateway(portal);
let user: Person;
let others: Person[];
beforeAll(async () => {
  user = await portal.enrolled();
  others = await Promise.all(Array.from({ length: 8 }, () => portal.contributor()));
});

const FILLED_WITHIN_MS = 60_000;

/** As a full disk: no file of the process may grow beyond so many bytes (`prlimit`, which needs no rights). */
const limitFiles = (bytes: number | 'unlimited') =>
  execFileSync('prlimit', ['--pid', String(stack.pid), `--fsize=${bytes}:unlimited`]);
const largestStore = () =>
  Math.max(
    ...readdirSync(stack.dataDir, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => statSync(join(stack.dataDir, name, `${name}.mdb`)).size),
  );

const open = () => user.challengeAt(gateway);

/** Others set up, each time with a new secret, until there is no room in two-factor's store, not even for one write. */
async function fillDisk(): Promise<void> {
  limitFiles(largestStore());
  const fill = (other: Person) =>
    until(
      'a write fails',
      async () => {
        const answer = await other.api.setUp();
        if (answer.code === null) return false;
        answer.refused('unavailable');
        return true;
      },
      FILLED_WITHIN_MS,
    );
  await Promise.all(others.map(fill));
  await fill(others[0] as Person);
}

describe('a full disk', () => {
  it('is told as 503, nothing is half done, and when there is room it goes on by itself', async () => {
    const journal = new Journal();
    const challenge = await open();
    const spare = await user.challenge();
    const lowered = await portal.settings({ maxFailedAttempts: 99 });
    const guess = async (): Promise<string | null> => {
      const answer = await gateway.verifyChallenge(challenge, { code: user.phone.wrongCode() });
      if (answer.code === 'wrong-code') journal.attemptsLeft.push(Number(answer.refused('wrong-code').attemptsLeft));
      else expect(answer.refused('unavailable').retryAfter).toBeGreaterThan(0);
      return answer.code;
    };
    await guess();
    await fillDisk();

    const whileFull = await Promise.all([
      ...Array.from({ length: 10 }, guess),
      stack.api.sendCode(spare, { code: user.phone.freshCode() }).then((answer) => answer.code),
      portal.api.disableFor(portal.id, user.id).then((answer) => answer.code),
      user.api.newBackupCodes().then((answer) => answer.code),
    ]);
    expect([...new Set(whileFull)]).toEqual(['unavailable']);
    // its owner has room to record it, and two-factor none to adopt it
    const changed = portal.api.changeSettings(portal.id, lowered);
    for (let i = 0; i < 30; i += 1) expect(await guess()).toBe('unavailable');
    (await changed).refused('not-yet-effective');
    expect((await stack.api.raw('GET', '/health/live')).status).toBe(200);
    expect((await stack.api.raw('GET', '/health/ready')).status).toBe(503);

    limitFiles('unlimited');
    await until('it is ready again', async () => (await stack.api.raw('GET', '/health/ready')).status === 200);
    expect(await guess()).toBe('wrong-code');
    (await gateway.verifyChallenge(challenge, { backupCode: user.backupCodes[0] as string })).success();

    const check = async () => {
      const events = await portal.allEvents();
      checkStreams(events);
      const own = events.filter(({ account, type }) => account === user.id && type.startsWith('two-factor.'));
      checkAttempts(own, 100);
      const failures = ofType(own, 'AttemptFailed').map(({ data }) => data);
      expect(
        failures.map(({ failedAttempts, maxFailedAttempts }) => Number(maxFailedAttempts) - Number(failedAttempts)),
      ).toEqual(journal.attemptsLeft.sort((a, b) => b - a));
      expect(own.filter(({ type }) => type.includes('disabled') || type.includes('issued'))).toHaveLength(2);
    };
    await check();
    expect((await portal.api.settings(portal.id)).success().maxFailedAttempts).toBe(99);

    await stack.restart();
    await check();
    (await user.enterCode(user.phone.freshCode())).success();
    (await user.enterBackupCode(user.backupCodes[1] as string)).success();
    await stack.shutDown();
    expect(await runTool(stack, 'verify')).toMatchObject({ code: 0 });
  }, 180_000);

  it('that was full when the process was killed, starts well when there is room: nothing acknowledged is lost', async () => {
    await stack.restart();
    const challenge = await open();
    const guess = async () => (await gateway.verifyChallenge(challenge, { code: user.phone.wrongCode() })).code;
    const failures = async () => ofType(await portal.allEvents(), 'AttemptFailed').length;
    const before = await failures();
    let acknowledged = 0;
    let full = false;
    const guessing = (async () => {
      for (let i = 0; i < 80 && !full; i += 1) if ((await guess()) === 'wrong-code') acknowledged += 1;
    })();
    await fillDisk();
    full = true;
    await guessing;
    expect(acknowledged).toBeGreaterThan(0);
    expect(await guess()).toBe('unavailable');
    await stack.restart();
    (await user.enterCode(user.phone.freshCode())).success();
    checkStreams(await portal.allEvents());
    expect(await failures()).toBe(before + acknowledged);
  }, 180_000);
});
