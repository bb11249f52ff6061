import { Api } from '#test/support/calls/client.js';
import { EventStream, shortType } from '#test/support/events.js';
import { Connection, newAddress } from '#test/support/calls/http.js';
import type { Person } from '#test/support/people/portal.js';
import { usePortal, useStack } from '#test/support/use-stack.js';
import { missingNginx, type Nginx, startNginx } from './support/nginx.js';

const missing = missingNginx();

(missing === undefined ? describe : describe.skip)(missing ?? 'behind nginx', () => {
  const stack = useStack({ env: { TRUST_PROXY: '127.0.0.1' } });
  const portal = usePortal(stack);
  let nginx: Nginx;
  let connection: Connection;
  let behind: Api;
  let user: Person;
  beforeAll(async () => {
    nginx = await startNginx(stack.origin);
    connection = new Connection(nginx.origin);
    behind = new Api(connection);
    user = await portal.enrolled();
  });
  afterAll(async () => {
    connection?.close();
    await nginx?.stop();
  });

  it('a person logs in, sets up, is locked and unlocked', async () => {
    const person = await portal.register();
    const login = (await person.enterPassword(behind)).success();
    const session = behind.as(login.status === 'complete' ? login.accessToken : '');
    person.scan((await session.setUp()).success().otpauthUri);
    (await session.confirm(person.phone.freshCode())).success();
    const challenge = await person.challenge(behind);
    for (let left = 4; left > 0; left -= 1) {
      const { attemptsLeft } = (await behind.sendCode(challenge, { code: person.phone.wrongCode() })).refused(
        'wrong-code',
      );
      expect(attemptsLeft).toBe(left);
    }
    (await behind.sendCode(challenge, { code: person.phone.wrongCode() })).refused('account-locked');
    (await behind.as(portal.admin.token as string).unlock(portal.id, person.id)).success();
    (await person.enterCode(person.phone.freshCode(), behind)).success();
  });

  it('each client has the limits of its own address, whatever it says of itself', async () => {
    const credentials = { portal: portal.id, username: user.credentials.username, password: 'not the password' };
    const [guesser, other] = [newAddress(), newAddress()];
    const guess = (address: string, forwarded: string) =>
      connection.send({
        method: 'POST',
        path: '/v1/login',
        body: credentials,
        address,
        headers: { 'x-forwarded-for': forwarded },
      });
    const statuses: number[] = [];
    for (let i = 0; i < 8; i += 1) statuses.push((await guess(guesser, `203.0.113.${i}`)).status);
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429, 429]);
    expect((await guess(other, '203.0.113.1')).status).toBe(401);
  });

  it('an event arrives at the live stream when it happens', async () => {
    const stream = await EventStream.open(
      `${nginx.origin}/v1/portals/${portal.id}/events/stream`,
      portal.admin.token as string,
    );
    await user.fail(1);
    // those of the tests before may still be on their way
    const { events } = await stream.until((event) => shortType(event) === 'AttemptFailed' && event.account === user.id);
    expect(events).not.toEqual([]);
  });

  it('the console is served, and stays at its origin', async () => {
    const page = await behind.raw('GET', '/console/');
    expect(page.status).toBe(200);
    expect(page.text).toContain('<script type="module"');
  });
});
