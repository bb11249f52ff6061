import type { Api } from '#test/support/calls/client.js';
import { ofType } from '#test/support/events.js';
import { type Person, Portal } from '#test/support/people/portal.js';
import { until } from '#test/support/until.js';
import { useIdentityProvider, usePortal, useStack } from '#test/support/use-stack.js';

const DAY_SECONDS = 86_400;
const stack = useStack();
const portal = usePortal(stack, { rememberDays: 30 });
const provider = useIdentityProvider();

/** What a login by password, with this token, is answered. */
const loginWith = async (person: Person, token: string) => (await person.enterPasswordWith(token)).success();
/** The next token of a browser that is remembered. */
async function use(person: Person, token: string): Promise<string> {
  const answer = await loginWith(person, token);
  if (answer.status !== 'complete') throw new Error(`a code was asked for: ${answer.status}`);
  person.token = answer.accessToken;
  return answer.browserToken!;
}
const isAsked = async (person: Person, token: string) => (await loginWith(person, token)).status === 'code-required';
const forgotten = async (person: Person, count = 1) =>
  ofType(await portal.events('BrowserForgotten', count, { account: person.id }), 'BrowserForgotten');
async function remembered(): Promise<{ person: Person; token: string }> {
  const person = await portal.enrolled();
  return { person, token: await person.remember() };
}

describe('remembered browsers', () => {
  it('R39 there are none unless an administrator lets people have them', async () => {
    const other = await Portal.make(stack);
    expect(await other.settings()).toMatchObject({ rememberDays: 0 });
    const person = await other.enrolled();
    const asked = (await person.enterPassword()).success();
    expect(asked).not.toHaveProperty('rememberDays');
    await expect(person.remember()).rejects.toThrow('not remembered');
    for (const rememberDays of [-1, 0.5, 91, '30']) {
      const body = { ...(await other.settings()), rememberDays };
      const { errors } = (await other.api.changeSettings(other.id, body)).refused('malformed-request');
      expect(errors).toMatchObject([{ field: 'rememberDays' }]);
    }
  });

  it('R39 after a code, the right password is enough there', async () => {
    const person = await portal.enrolled();
    const asked = (await person.enterPassword()).success();
    expect(asked).toMatchObject({ status: 'code-required', rememberDays: 30 });
    const before = stack.clock.now();
    const token = await person.remember();
    const first = (await stack.api.as(person.token!).me()).success();
    const answer = await loginWith(person, token);
    expect(answer).toEqual({
      status: 'complete',
      accessToken: expect.any(String) as string,
      expiresAt: expect.any(String) as string,
      browserToken: expect.stringMatching(/^brw_/) as string,
      browserExpiresAt: expect.any(String) as string,
    });
    const { browserExpiresAt, browserToken } = answer as { browserExpiresAt: string; browserToken: string };
    expect(browserToken).not.toBe(token);
    const lasts = Date.parse(browserExpiresAt) - before;
    expect(Math.abs(lasts - 30 * DAY_SECONDS * 1000)).toBeLessThan(120_000);

    const events = await portal.events('LoginSucceeded', 3, { account: first.id });
    const [event] = ofType(events, 'BrowserRemembered');
    expect(event).toMatchObject({ actor: { kind: 'user', id: person.id } });
    const { browserId } = event!.data;
    const logins = ofType(events, 'LoginSucceeded').map(({ data }) => data);
    expect(logins.at(-2)).toMatchObject({ method: 'password+totp', browserId });
    expect(logins.at(-1)).toMatchObject({ method: 'password+remembered-browser', browserId });
    expect(JSON.stringify(events)).not.toMatch(/brw_/);
  });

  it('R39 nobody is asked to remember one: a code alone does not', async () => {
    const person = await portal.enrolled();
    for (const typed of [{}, { remember: false }]) {
      const code = { code: person.phone.freshCode(), ...typed };
      expect((await stack.api.sendCode(await person.challenge(), code)).success()).not.toHaveProperty('browserToken');
    }
    expect((await person.api.myBrowsers()).success()).toEqual({ browsers: [] });
  });

  it('R39 a backup code has one remembered too', async () => {
    const person = await portal.enrolled();
    const typed = { backupCode: person.backupCodes[0]!, remember: true };
    const { browserToken } = (await stack.api.sendCode(await person.challenge(), typed)).success();
    await use(person, browserToken!);
  });

  it('R14 R39 is never a proof of the second factor, and R22 R39 resets no count', async () => {
    const { person, token } = await remembered();
    (await person.fail(2)).refused('wrong-code');
    await use(person, token);
    expect((await person.api.newBackupCodes()).refused('re-authentication-required')).toMatchObject({
      needs: ['code'],
    });
    expect((await portal.api.account(portal.id, person.id)).success().failedAttempts).toBe(2);
  });

  it('R39 the token changes at each use; the one before is good until a minute after its successor was first used', async () => {
    const { person, token: first } = await remembered();
    const second = await use(person, first);
    stack.clock.advance(3_600);
    // the answer was lost
    const again = await use(person, first);
    expect(again).not.toBe(second);
    const third = await use(person, again);
    stack.clock.advance(50);
    const beside = await use(person, first);
    await use(person, beside);
    await use(person, third);
    expect((await person.api.myBrowsers()).success().browsers).toHaveLength(1);
  });

  it('R39 an older token that comes again forgets the browser, and is an event', async () => {
    const { person, token: first } = await remembered();
    const second = await use(person, first);
    const third = await use(person, second);
    stack.clock.advance(61);
    expect(await isAsked(person, first)).toBe(true);
    expect(await forgotten(person)).toMatchObject([
      { actor: { kind: 'user', id: person.id }, data: { reason: 'token-reused' } },
    ]);
    for (const token of [first, second, third]) expect(await isAsked(person, token)).toBe(true);
    expect(await forgotten(person)).toHaveLength(1);
    expect((await person.api.myBrowsers()).success()).toEqual({ browsers: [] });
  });

  it('R15 R39 is looked at only after the right password', async () => {
    const { person, token } = await remembered();
    const wrong = { portal: portal.id, username: person.credentials.username, password: 'not the password' };
    (await stack.api.login({ ...wrong, browserToken: token })).refused('invalid-credentials');
    await use(person, token);
  });

  type End = (person: Person) => Promise<unknown>;
  const ends: [string, End][] = [
    [
      'a lock',
      async (person) => {
        await person.lock();
        (await portal.api.unlock(portal.id, person.id)).success();
      },
    ],
    [
      'a suspension',
      async ({ id }) => {
        (await portal.api.suspend(portal.id, id)).success();
        (await portal.api.resume(portal.id, id)).success();
      },
    ],
    [
      'a reset',
      async (person) => {
        person.scan((await person.provingApi.reset()).success().otpauthUri);
        (await person.api.confirm(person.phone.freshCode())).success();
      },
    ],
    [
      'one’s own disable',
      async (person) => {
        (await person.provingApi.disable()).success();
        await person.enrol();
      },
    ],
    [
      'an administrator’s disable',
      async (person) => {
        (await portal.api.disableFor(portal.id, person.id)).success();
        await person.enrol();
      },
    ],
    ['an authenticator that is added', (person) => person.addApp('Another phone')],
    [
      'a password change',
      async (person) => {
        const { password: current } = person.credentials;
        person.credentials.password = 'another password that is long';
        (await person.api.changePassword({ current, new: person.credentials.password })).success();
      },
    ],
    [
      'a change of the type, and back',
      async ({ id }) => {
        (await portal.api.changeAccount(portal.id, id, { type: 'power-reader' })).success();
        (await portal.api.changeAccount(portal.id, id, { type: 'contributor' })).success();
      },
    ],
    ['the person', async (person) => (await person.api.forgetMyBrowsers()).success()],
    ['an administrator', async ({ id }) => (await portal.api.forgetBrowsersOf(portal.id, id)).success()],
  ];
  it.each(ends)('R39 %s ends it, at once and for good', async (_, end) => {
    const { person, token } = await remembered();
    await end(person);
    expect(await isAsked(person, token)).toBe(true);
    await until('it is not listed', async () => {
      const { browsers } = (await portal.api.browsersOf(portal.id, person.id)).success();
      return browsers.length === 0;
    });
    expect(await isAsked(person, token)).toBe(true);
  });

  it('R39 R45 an authenticator that is removed ends it', async () => {
    const person = await portal.enrolled();
    await person.addApp('Another phone');
    const token = await person.remember();
    const [, second] = await person.authenticatorIds();
    (await person.provingApi.removeAuthenticator(second!)).success();
    expect(await isAsked(person, token)).toBe(true);
    expect(await forgotten(person)).toMatchObject([{ data: { reason: 'second-factor-changed' } }]);
  });

  it('R39 R43 a password that is set by a link ends it', async () => {
    const { person, token } = await remembered();
    const { url } = (await stack.operator.issuePasswordLink(portal.id, person.id)).success() as { url: string };
    person.credentials.password = 'another password that is long';
    (await stack.api.redeemPasswordLink(url.split('#')[1]!, person.credentials.password)).success();
    expect(await isAsked(person, token)).toBe(true);
  });

  it('R20 R39 is not needed while 2FA is off for the portal, and counts again with it', async () => {
    const other = await Portal.make(stack, { rememberDays: 30 });
    const person = await other.enrolled();
    const token = await person.remember();
    await other.set({ enabled: false });
    expect(await loginWith(person, token)).not.toHaveProperty('browserToken');
    await other.set({ enabled: true });
    await use(person, token);
  });

  it('R23 R39 R41 a suspended or locked account is told so, remembered or not', async () => {
    const { person, token } = await remembered();
    await person.lock();
    (await person.enterPasswordWith(token)).refused('account-locked');
    (await portal.api.suspend(portal.id, person.id)).success();
    (await person.enterPasswordWith(token)).refused('account-suspended');
  });

  it('R39 there are 10 of an account at most: of more, the one that was remembered first gives way', async () => {
    const person = await portal.enrolled();
    const tokens: string[] = [];
    for (let i = 0; i < 11; i += 1) tokens.push(await person.remember());
    expect((await person.api.myBrowsers()).success().browsers).toHaveLength(10);
    expect(await forgotten(person)).toMatchObject([{ data: { reason: 'too-many' } }]);
    expect(await isAsked(person, tokens[0]!)).toBe(true);
    await use(person, tokens[1]!);
  });

  it('R39 R44 are listed, with when and where, and ended one by one, by the person or an administrator', async () => {
    const person = await portal.enrolled();
    const agent = (userAgent: string): Api => stack.api.with({ 'user-agent': userAgent });
    const [laptop, phone] = [agent('Laptop/1.0'), agent('Phone/1.0')];
    const onLaptop = await person.remember(laptop);
    await person.remember(phone);
    const mine = async () => (await person.api.myBrowsers()).success().browsers;
    expect((await mine()).map(({ userAgent, current }) => [userAgent, current])).toEqual([
      ['Phone/1.0', true],
      ['Laptop/1.0', undefined],
    ]);
    stack.clock.advance(3_600);
    const answer = (await person.enterPasswordWith(onLaptop, laptop)).success();
    const [used, other] = await mine();
    expect(used).toMatchObject({ userAgent: 'Laptop/1.0', address: expect.any(String) as string });
    expect(Date.parse(used!.lastSeenAt) - Date.parse(used!.createdAt)).toBeGreaterThanOrEqual(3_600_000);
    expect(Date.parse(used!.expiresAt) - Date.parse(used!.createdAt)).toBe(30 * DAY_SECONDS * 1000);
    expect((await portal.api.browsersOf(portal.id, person.id)).success().browsers).toEqual([
      used,
      expect.objectContaining({ id: other!.id }),
    ]);

    (await person.api.forgetMyBrowser(other!.id)).success();
    (await person.api.forgetMyBrowser(other!.id)).refused('not-found');
    (await portal.api.forgetBrowserOf(portal.id, person.id, used!.id)).success();
    expect(await forgotten(person, 2)).toMatchObject([
      { actor: { kind: 'user', id: person.id }, data: { browserId: other!.id, reason: 'ended' } },
      { actor: { kind: 'administrator', id: portal.admin.id }, data: { browserId: used!.id, reason: 'ended' } },
    ]);
    expect(await isAsked(person, (answer as { browserToken: string }).browserToken)).toBe(true);
    // the sessions that began there go on
    (await stack.api.as((answer as { accessToken: string }).accessToken).me()).success();
  });

  it('R39 R44 are nobody else’s to see or end', async () => {
    const { person, token } = await remembered();
    const other = await portal.contributor();
    const { id } = (await person.api.myBrowsers()).success().browsers[0]!;
    (await other.api.forgetMyBrowser(id)).refused('not-found');
    (await other.api.browsersOf(portal.id, person.id)).refused('forbidden');
    (await other.api.forgetBrowserOf(portal.id, person.id, id)).refused('forbidden');
    (await other.api.forgetBrowsersOf(portal.id, person.id)).refused('forbidden');
    (await portal.api.forgetBrowserOf(portal.id, other.id, id)).refused('not-found');
    (await portal.api.browsersOf(portal.id, 'nobody')).refused('not-found');
    await use(person, token);
  });

  it('R19 R39 other ways to log in need none', async () => {
    const { person, token } = await remembered();
    await provider.serve(portal, person);
    (await stack.api.loginWithSso(portal.id, await provider.idToken(person))).success();
    (await stack.api.loginWithToken(portal.id, await portal.loginToken(person))).success();
    await use(person, token);
  });

  it('R39 R42 are destroyed with the account', async () => {
    const { person, token } = await remembered();
    (await portal.api.deleteAccount(portal.id, person.id)).success();
    (await person.enterPasswordWith(token)).refused('invalid-credentials');
    (await portal.api.browsersOf(portal.id, person.id)).refused('account-deleted');
  });

  // last, as everybody's session is over then
  it('R39 lasts as many days as the administrator has set at the time; what a shorter time ended, a longer one does not bring back', async () => {
    const other = await Portal.make(stack, { rememberDays: 30 });
    await other.admin.enrol();
    const person = await other.enrolled();
    const token = await person.remember();
    stack.clock.advance(10 * DAY_SECONDS);
    await other.admin.signIn();
    const next = await use(person, token);
    const later = await person.remember();
    await other.set({ rememberDays: 5 });
    expect(await isAsked(person, next)).toBe(true);
    await other.set({ rememberDays: 90 });
    expect(await isAsked(person, next)).toBe(true);
    const kept = await use(person, later);
    stack.clock.advance(90 * DAY_SECONDS);
    expect(await isAsked(person, kept)).toBe(true);
  });
});
