import { execFileSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Api } from '#test/support/client.js';
import { checkStreams } from '#test/support/events.js';
import { type Person, Portal } from '#test/support/portal.js';
import { type Stack, startStack } from '#test/support/stack.js';
import { until } from '#test/support/until.js';

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
const limitFiles = (bytes: number) =>
  execFileSync('prlimit', ['--pid', String(stack.pid), `--fsize=${bytes}:unlimited`]);
const smallestStore = () =>
  Math.min(
    ...readdirSync(stack.dataDir, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => statSync(join(stack.dataDir, name, `${name}.mdb`)).size),
  );

describe('a full disk', () => {
  it('loses nothing that was acknowledged, and starts well when there is room', async () => {
    const opened = (await gateway.openChallenge(portal.id, user.id)).success();
    const challenge = opened.required ? opened.challenge : '';
    limitFiles(smallestStore());
    let acknowledged = 0;
    // The store may end the process when it cannot write: then no answer comes, and nothing was acknowledged.
    const guess = async () => {
      const answer = await gateway.verifyChallenge(challenge, { code: user.phone.wrongCode() }).catch(() => null);
      if (answer?.code === 'wrong-code') acknowledged += 1;
      return answer?.code ?? 'unavailable';
    };
    await until('a write fails', async () => (await guess()) === 'unavailable');
    await stack.restart();
    (await user.enterCode(user.phone.freshCode())).success();
    const events = await portal.allEvents();
    checkStreams(events);
    // a write whose answer was 503 may have been recorded all the same, never the other way round
    const recorded = events.filter(({ type }) => type === 'two-factor.attempt-failed.v1').length;
    expect(recorded).toBeGreaterThanOrEqual(acknowledged);
  }, 60_000);
});
