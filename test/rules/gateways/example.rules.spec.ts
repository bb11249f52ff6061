import { join } from 'node:path';
import { parseSetCookie } from 'cookie';
import { Between } from '#test/support/calls/between.js';
import { Connection } from '#test/support/calls/http.js';
import { shownLink } from '#test/support/calls/shown-link.js';
import { Person } from '#test/support/people/portal.js';
import { endProcess } from '#test/support/process/end-process.js';
import { Started } from '#test/support/process/started.js';
import { until } from '#test/support/until.js';
import { usePortal, useProduct } from '#test/support/use-stack.js';

const example = join(import.meta.dirname, '../../../dist/examples/gateway/gateway.js');
const ada = { id: 'external:u-1042', username: 'ada', password: 'ada likes long passwords' };
const grace = { id: 'external:u-1043', username: 'grace', password: 'grace likes them too' };

const stack = useProduct();
const portal = usePortal(stack);
const between = new Between(() => stack.origin);
let env: Record<string, string>;
let gateway: Started;
let connection: Connection;
beforeAll(async () => {
  const { token } = await portal.serviceToken('accounts', 'challenges');
  env = { TWINLOCK_URL: await between.open(), PORTAL: portal.id, SERVICE_TOKEN: token, PORT: '0' };
  gateway = new Started(example, env);
  connection = new Connection(await lineOf(gateway, 'http://'));
});
afterAll(async () => {
  connection?.close();
  await endProcess(gateway?.child, 'SIGTERM');
  between.close();
});

const lineOf = (started: Started, start: string) =>
  until(`the gateway prints ${start}`, () => started.lines().find((line) => line.startsWith(start)));
const registered = async (started: Started) =>
  (JSON.parse((await lineOf(started, 'accounts: ')).slice(10)) as { outcome: string }[]).map(({ outcome }) => outcome);

/** What a person has open: it keeps the cookie of the gateway, and nothing else. */
class Browser {
  private cookie = '';
  /** All that the gateway sent. */
  seen = '';

  login({ username, password }: { username: string; password: string }) {
    return this.call('POST', '/login', { username, password });
  }
  enter(code: string) {
    return this.call('POST', '/login/code', { code });
  }
  /** Whom the gateway takes the person for. */
  async username() {
    return (await this.call('GET', '/')).body.username;
  }

  private async call(method: string, path: string, body?: object) {
    const headers = { cookie: this.cookie, 'user-agent': 'A browser/1.0' };
    const answer = await connection.send({ method, path, body, headers });
    const [set] = answer.headers['set-cookie'] ?? [];
    if (set !== undefined) {
      const { name, value, ...attributes } = parseSetCookie(set);
      expect(attributes).toEqual({ path: '/', httpOnly: true, sameSite: 'strict' });
      this.cookie = `${name}=${value}`;
    }
    this.seen += answer.text + String(set);
    return { status: answer.status, body: JSON.parse(answer.text) as Record<string, unknown> };
  }
}

/** Gets a password here by a link of the operator, and sets up 2FA. */
async function setUp({ id, username }: { id: string; username: string }): Promise<Person> {
  const url = shownLink((await stack.operator.issuePasswordLink(portal.id, id)).success());
  const person = new Person(stack, portal.id, { username, password: 'one that is good here alone' });
  (await stack.api.redeemPasswordLink(url.slice(url.indexOf('#') + 1), person.credentials.password)).success();
  await person.signIn();
  person.id = (await person.api.me()).success().id;
  return person.enrol();
}

describe('the example of a gateway', () => {
  let person: Person;
  const browser = new Browser();
  const codeAsked = async (of = browser) => {
    expect(await of.login(ada)).toEqual({ status: 200, body: { status: 'code-required' } });
  };

  it('R33 registers its users by its own ids, and changes nothing when it does so again', async () => {
    expect(await registered(gateway)).toEqual(['created', 'created']);
    const again = new Started(example, env);
    expect(await registered(again)).toEqual(['unchanged', 'unchanged']);
    await endProcess(again.child, 'SIGTERM');
    expect((await portal.api.account(portal.id, ada.id)).success()).toMatchObject({
      username: 'ada',
      type: 'contributor',
      hasPassword: false,
    });
  });

  it('R33 ends with a reason where it may not register them', async () => {
    const { token } = await portal.serviceToken('challenges');
    const { code, lines } = await new Started(example, { ...env, SERVICE_TOKEN: token }).ended();
    expect(code).toBe(1);
    expect(lines.join('\n')).toContain('the accounts cannot be registered: forbidden');
    expect(lines.join('\n')).not.toContain(token);
  });

  it('R32 checks passwords itself, and asks for no code where none is set up', async () => {
    for (const wrong of [
      { ...grace, password: ada.password },
      { ...grace, username: 'nobody' },
    ]) {
      expect(await browser.login(wrong)).toMatchObject({ status: 401, body: { status: 'refused' } });
      expect(await browser.username()).toBeUndefined();
    }
    expect(await browser.login(grace)).toEqual({ status: 200, body: { status: 'complete' } });
    expect(await browser.username()).toBe('grace');
  });

  it('R16 lets a person with 2FA in after a correct code alone, and says how many attempts are left', async () => {
    person = await setUp(ada);
    await codeAsked();
    expect(await browser.username()).toBeUndefined();
    expect(await browser.enter('12345')).toMatchObject({ status: 401, body: { code: 'malformed-code' } });
    const wrong = await browser.enter(person.phone.wrongCode());
    expect(wrong).toMatchObject({ status: 401, body: { code: 'wrong-code', attemptsLeft: 4 } });
    expect(await browser.username()).toBeUndefined();
    const code = person.phone.freshCode();
    const typed = `${code.slice(0, 3)} ${code.slice(3)}`;
    expect(await browser.enter(typed)).toEqual({ status: 200, body: { status: 'complete' } });
    expect(await browser.username()).toBe('ada');
    expect(await new Browser().enter(code)).toMatchObject({ status: 401 });
  });

  it('R10 takes a backup code', async () => {
    await codeAsked();
    expect(await browser.enter(person.backupCodes[0]!)).toMatchObject({ body: { status: 'complete' } });
  });

  it('R21 keeps the challenge to itself, and has people start again when it has ended', async () => {
    await codeAsked();
    // a challenge is longer than anything that it is sent
    expect(browser.seen).not.toMatch(/[\w.-]{60}/);
    const { otpauthUri } = (await person.provingApi.reset()).success();
    person.scan(otpauthUri);
    (await person.api.confirm(person.phone.freshCode())).success();
    const ended = await browser.enter(person.phone.freshCode());
    expect(ended).toMatchObject({
      status: 401,
      body: { code: 'challenge-ended', detail: expect.stringContaining('Log in again') },
    });
    await codeAsked();
    expect(await browser.enter(person.phone.freshCode())).toMatchObject({ body: { status: 'complete' } });
  });

  it('R46 tells where its user is', async () => {
    const events = await portal.eventsOf(person, 'AttemptFailed');
    const failed = events.find(({ type }) => type.startsWith('two-factor.attempt-failed'));
    expect(failed).toMatchObject({
      actor: { kind: 'service' },
      plain: { origin: { address: '127.0.0.1', userAgent: 'A browser/1.0', toldBy: 'gateway' } },
    });
  });

  it('R23 tells of a lock, and of an unlocked account nothing', async () => {
    await codeAsked();
    for (let left = 4; left > 0; left -= 1) await browser.enter(person.phone.wrongCode());
    const locked = { status: 401, body: { code: 'account-locked' } };
    expect(await browser.enter(person.phone.wrongCode())).toMatchObject(locked);
    expect(await browser.enter(person.phone.freshCode())).toMatchObject(locked);
    expect(await browser.login(ada)).toMatchObject(locked);
    expect(await browser.username()).toBeUndefined();
    (await portal.api.unlock(portal.id, ada.id)).success();
    await codeAsked();
    expect(await browser.enter(person.phone.freshCode())).toMatchObject({ body: { status: 'complete' } });
  });

  it('R41 lets nobody in whose account is suspended or deleted', async () => {
    (await portal.api.suspend(portal.id, grace.id)).success();
    const other = new Browser();
    expect(await other.login(grace)).toMatchObject({ status: 401, body: { code: 'account-suspended' } });
    (await portal.api.deleteAccount(portal.id, grace.id)).success();
    expect(await other.login(grace)).toMatchObject({ status: 503, body: { status: 'unavailable' } });
    expect(await other.username()).toBeUndefined();
  });

  it('R28 opens a challenge again while the product is unavailable, but sends a code once', async () => {
    between.came.length = 0;
    between.unavailable = 2;
    await codeAsked();
    expect(between.came).toEqual(Array(3).fill(`/v1/portals/${portal.id}/challenges`));
    between.came.length = 0;
    between.unavailable = 1;
    const code = person.phone.freshCode();
    expect(await browser.enter(code)).toMatchObject({ status: 503, body: { status: 'unavailable' } });
    expect(between.came).toEqual(['/v1/challenges/verify']);
    expect(await browser.username()).toBeUndefined();
    // it did not come to the product, and the challenge is still open
    expect(await browser.enter(code)).toMatchObject({ status: 200, body: { status: 'complete' } });
    between.unavailable = 9;
    expect(await browser.login(ada)).toMatchObject({ status: 503 });
    between.unavailable = 0;
  });
});
