import { execFileSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Api } from '#test/support/client.js';
import { checkStreams } from '#test/support/events.js';
import { type Person, Portal } from '#test/support/portal.js';
import { type Stack, startStack } from '#test/support/stack.js';
import { until } from '#test/support/until.js';
import { checkAttempts, Journal } from './support/journal.js';
import { runTool } from './support/data.js';

let stack: Stack;
let portal: Portal;
let gateway: Api;
let user: Person;
beforeAll(async () => {
  stack = await startStack();
  portal = await Portal.make(stack, { maxFailedAttempts: 100 });
  gateway = await portal.service('challenges');
  user = await portal.enrolled();
}, 60_000);
afterAll(() => stack.stop());

/** As a full disk: no file of the process may grow beyond so many bytes (`prlimit`, which needs no rights). */
const limitFiles = (bytes: number | 'unlimited') =>
  execFileSync('prlimit', ['--pid', String(stack.pid), `--fsize=${bytes}:unlimited`]);
const smallestStore = () =>
  Math.min(
    ...readdirSync(stack.dataDir, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => statSync(join(stack.dataDir, name, `${name}.mdb`)).size),
  );

const open = async () => {
  const opened = (await gateway.openChallenge(portal.id, user.id)).success();
  return opened.required ? opened.challenge : '';
};

describe('a full disk', () => {
  it('is told as 503, nothing is half done, and when there is room it goes on by itself', async () => {
    const journal = new Journal();
    const challenge = await open();
    const spare = await user.challenge();
    const guess = async (): Promise<string | null> => {
      const answer = await gateway.verifyChallenge(challenge, { code: user.phone.wrongCode() });
      if (answer.code === 'wrong-code') journal.attemptsLeft.push(Number(answer.refused('wrong-code').attemptsLeft));
      else answer.refused('unavailable');
      return answer.code;
    };
    await guess();
    limitFiles(smallestStore());
    await until('a write fails', async () => (await guess()) === 'unavailable');

    const whileFull = await Promise.all([
      ...Array.from({ length: 10 }, guess),
      stack.api.sendCode(spare, { code: user.phone.freshCode() }).then((answer) => answer.code),
      portal.api.changeSettings(portal.id, { enabled: true, maxFailedAttempts: 99 }).then((answer) => answer.code),
      portal.api.disableFor(portal.id, user.id).then((answer) => answer.code),
      user.api.newBackupCodes().then((answer) => answer.code),
    ]);
    expect(whileFull.filter((code) => code !== 'unavailable' && code !== 'not-yet-effective')).toEqual([]);
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
      const failures = own.filter(({ type }) => type === 'two-factor.attempt-failed.v1');
      expect(failures.map(({ data }) => 100 - Number(data.failedAttempts))).toEqual(
        journal.attemptsLeft.sort((a, b) => b - a),
      );
      expect(own.filter(({ type }) => type.includes('disabled') || type.includes('issued'))).toHaveLength(2);
    };
    await check();
    expect((await portal.api.settings(portal.id)).success().maxFailedAttempts).toBe(100);

    await stack.restart();
    await check();
    (await user.enterCode(user.phone.freshCode())).success();
    (await user.enterBackupCode(user.backupCodes[1] as string)).success();
    await stack.shutDown();
    expect(await runTool(stack, 'verify')).toMatchObject({ code: 0 });
  }, 90_000);

  it('that was full when the process was killed, starts well when there is room', async () => {
    await stack.start();
    const challenge = await open();
    limitFiles(smallestStore());
    const guess = async () => (await gateway.verifyChallenge(challenge, { code: user.phone.wrongCode() })).code;
    await until('a write fails', async () => (await guess()) === 'unavailable');
    await stack.restart();
    (await user.enterCode(user.phone.freshCode())).success();
    checkStreams(await portal.allEvents());
  }, 60_000);
});
