import { ofType } from '#test/support/events.js';
import { IdentityProvider } from '#test/support/people/sso.js';
import { type Person, Portal } from '#test/support/people/portal.js';
import { until } from '#test/support/until.js';
import { useStack } from '#test/support/use-stack.js';

const DAY_SECONDS = 86_400;
const stack = useStack();
/** Sessions last half a day: the administrator logs in again. */
async function pass(portal: Portal, seconds: number) {
  stack.clock.advance(seconds);
  await portal.admin.signIn();
}

/** A portal that requires 2FA. Its administrator has it, so that days may pass. */
async function requiring(graceDays = 7): Promise<Portal> {
  const portal = await Portal.make(stack);
  await portal.admin.enrol();
  await portal.set({ required: true, graceDays });
  return portal;
}
const graceOf = async (portal: Portal, { id }: Person) => (await account(portal, id)).graceEndsAt;
const account = async (portal: Portal, id: string) => (await portal.api.account(portal.id, id)).success();
/** What a login by password is answered. */
async function loginOf(person: Person) {
  const answer = (await person.enterPassword()).success();
  if (answer.status !== 'code-required') person.token = answer.accessToken;
  return answer;
}
const begins = async (portal: Portal, person: Person) =>
  ofType(await portal.eventsOf(person, 'GraceBegan'), 'GraceBegan');
/** Whose time of grace is over. */
async function overdue(portal: Portal): Promise<Person> {
  const person = await portal.register();
  await loginOf(person);
  await pass(portal, 8 * DAY_SECONDS);
  return person;
}

describe('2FA that is required', () => {
  it('R37 is not, unless an administrator says so: 7 days, unless told', async () => {
    const portal = await Portal.make(stack);
    expect(await portal.settings()).toMatchObject({ required: false, graceDays: 7 });
    const person = await portal.register();
    expect(await loginOf(person)).toEqual({
      status: 'complete',
      accessToken: expect.any(String) as string,
      expiresAt: expect.any(String) as string,
    });
    expect(await account(portal, person.id)).not.toHaveProperty('graceEndsAt');
    expect((await portal.api.twoFactorSummary(portal.id)).success().required).toEqual({
      overdue: 0,
      inGrace: 0,
      notStarted: 0,
    });
  });

  it.each([
    ['required', 'yes'],
    ['required', null],
    ['graceDays', -1],
    ['graceDays', 0.5],
    ['graceDays', 91],
    ['graceDays', '7'],
  ])('R37 takes no %s of %p', async (name, value) => {
    const portal = await Portal.make(stack);
    const body = { ...(await portal.settings()), [name]: value };
    const { errors } = (await portal.api.changeSettings(portal.id, body)).refused('malformed-request');
    expect(errors).toMatchObject([{ field: name }]);
  });

  it('R37 gives a time of grace that begins with the first login by password, and is told by every answer', async () => {
    const portal = await requiring();
    const person = await portal.register();
    const gateway = await portal.service('challenges');
    expect(await graceOf(portal, person)).toBeUndefined();
    const before = stack.clock.now();
    const answer = await loginOf(person);
    const graceEndsAt = (answer as { enrolment?: { graceEndsAt: string } }).enrolment!.graceEndsAt;
    expect(answer).toMatchObject({ status: 'complete' });
    expect(Date.parse(graceEndsAt)).toBeGreaterThanOrEqual(before + 7 * DAY_SECONDS * 1000);
    expect(Date.parse(graceEndsAt)).toBeLessThan(before + 7 * DAY_SECONDS * 1000 + 60_000);
    (await person.api.authenticators()).success();
    expect((await person.api.me()).success()).toMatchObject({ graceEndsAt });
    expect(await graceOf(portal, person)).toBe(graceEndsAt);
    expect((await gateway.openChallenge(portal.id, person.id)).success()).toEqual({
      required: false,
      enrolment: { graceEndsAt },
    });
    await pass(portal, 6 * DAY_SECONDS);
    expect(await loginOf(person)).toMatchObject({ status: 'complete', enrolment: { graceEndsAt } });
    expect(await begins(portal, person)).toMatchObject([
      { actor: { kind: 'user', id: person.id }, data: { endsAt: graceEndsAt, graceDays: 7 } },
    ]);
  });

  it('R37 begins with the first challenge of a gateway too, and refuses its challenges after the end', async () => {
    const portal = await requiring(1);
    const person = await portal.register();
    const gateway = await portal.service('challenges');
    const opened = (await gateway.openChallenge(portal.id, person.id)).success();
    const { graceEndsAt } = (opened as { enrolment?: { graceEndsAt: string } }).enrolment!;
    expect(await begins(portal, person)).toMatchObject([{ actor: { kind: 'service' }, data: { endsAt: graceEndsAt } }]);
    await pass(portal, DAY_SECONDS);
    (await gateway.openChallenge(portal.id, person.id)).refused('enrolment-required');
    expect((await loginOf(person)).status).toBe('enrolment-required');
  });

  it('R37 gives a session afterwards that can set up 2FA, re-authenticate and log out, and everything once it is set up', async () => {
    const portal = await requiring();
    const person = await overdue(portal);
    expect(await loginOf(person)).toEqual({
      status: 'enrolment-required',
      accessToken: expect.any(String) as string,
      expiresAt: expect.any(String) as string,
    });
    expect((await person.api.me()).success()).toMatchObject({ enrolmentRequired: true });
    expect((await person.api.myTwoFactor()).success()).toMatchObject({ status: 'none', configurable: true });
    for (const call of [
      person.api.authenticators(),
      person.api.addTotp('one more'),
      person.api.changePassword({ current: person.credentials.password, new: 'another password' }),
      person.api.disable(),
      person.api.reset(),
      person.api.newBackupCodes(),
      person.api.mySessions(),
      person.api.accounts(portal.id),
      person.api.settings(portal.id),
      person.api.events(portal.id),
    ])
      (await call).refused('enrolment-required');
    (await person.api.reAuthenticate({ password: person.credentials.password })).success();
    const { token } = person;
    await person.enrol();
    expect(person.token).toBe(token);
    (await person.api.authenticators()).success();
    expect((await person.api.me()).success()).not.toHaveProperty('enrolmentRequired');
    expect((await person.enterPassword()).success().status).toBe('code-required');
    await loginOf(await overdue(portal)).then(({ status }) => expect(status).toBe('enrolment-required'));
  });

  it.each(['that can only set up 2FA', 'of before the end'])(
    'R37 ends the other sessions that can only set up 2FA when it is set up in one %s, before the answer',
    async (where) => {
      const portal = await requiring(1);
      const person = await portal.register();
      await loginOf(person);
      await pass(portal, DAY_SECONDS - 3_600);
      await loginOf(person);
      const whole = person.token!;
      await pass(portal, 7_200);
      expect((await loginOf(person)).status).toBe('enrolment-required');
      const [limited, thief] = [person.token!, await person.secondSession()];
      const own = (person.token = where === 'of before the end' ? whole : limited);
      await person.reAuthenticate();
      await person.enrol();
      for (const token of [limited, thief].filter((each) => each !== own)) {
        (await stack.api.as(token).me()).refused('session-ended');
      }
      for (const token of [own, whole]) (await stack.api.as(token).authenticators()).success();
    },
  );

  it('R37 logs out a session that can only set up 2FA', async () => {
    const portal = await requiring();
    const person = await overdue(portal);
    await loginOf(person);
    (await person.api.logout()).success();
    (await person.api.me()).refused('session-ended');
  });

  it('R37 limits an administrator too, whatever the account may do', async () => {
    const portal = await requiring(0);
    const other = await portal.register({ admin: true });
    expect((await loginOf(other)).status).toBe('enrolment-required');
    (await other.api.accounts(portal.id)).refused('enrolment-required');
    (await other.api.changeSettings(portal.id, { enabled: false, maxFailedAttempts: 5 })).refused('enrolment-required');
    expect((await other.api.raw('GET', `/v1/portals/${portal.id}/events/stream`)).status).toBe(403);
    await other.enrol();
    (await other.api.accounts(portal.id)).success();
  });

  it('R37 lets sessions that exist at the end run out by themselves', async () => {
    const portal = await requiring(1);
    const person = await portal.register();
    await loginOf(person);
    await pass(portal, DAY_SECONDS - 3_600);
    await loginOf(person);
    await pass(portal, 7_200);
    (await person.api.authenticators()).success();
    expect((await person.api.me()).success()).not.toHaveProperty('enrolmentRequired');
    expect((await loginOf(person)).status).toBe('enrolment-required');
  });

  it('R37 R19 asks nothing of SSO and login tokens, which begin no time of grace', async () => {
    const portal = await requiring();
    const provider = await IdentityProvider.start();
    try {
      const [person, other] = [await overdue(portal), await portal.register()];
      await provider.serve(portal, person);
      const bySso = (await stack.api.loginWithSso(portal.id, await provider.idToken(person))).success();
      expect(bySso).toEqual({ status: 'complete', accessToken: bySso.accessToken, expiresAt: bySso.expiresAt });
      (await stack.api.as(bySso.accessToken).authenticators()).success();
      for (const each of [person, other]) {
        const token = await portal.loginToken(each);
        const byToken = (await stack.api.loginWithToken(portal.id, token)).success();
        (await stack.api.as(byToken.accessToken).authenticators()).success();
      }
      expect(await graceOf(portal, other)).toBeUndefined();
    } finally {
      await provider.stop();
    }
  });

  it('R37 asks an administrator who logs in by login tokens of their own as after the password', async () => {
    const portal = await Portal.make(stack);
    const other = await (await portal.register({ admin: true })).signIn();
    await portal.admin.enrol();
    await portal.set({ required: true, graceDays: 1 });
    const byOwnToken = async () => {
      const { token } = (await other.provingApi.issueLoginToken(portal.id, other.id)).success();
      const answer = (await stack.api.loginWithToken(portal.id, token)).success();
      other.token = answer.accessToken;
      return answer;
    };
    const { enrolment } = (await byOwnToken()) as { enrolment?: { graceEndsAt: string } };
    expect(enrolment).toEqual({ graceEndsAt: await graceOf(portal, other) });
    stack.clock.advance(11 * 3_600);
    expect(await byOwnToken()).toMatchObject({ status: 'complete', enrolment });
    stack.clock.advance(11 * 3_600);
    expect(await byOwnToken()).toMatchObject({ status: 'complete', enrolment });
    stack.clock.advance(3 * 3_600);
    expect(await byOwnToken()).toEqual({
      status: 'enrolment-required',
      accessToken: other.token,
      expiresAt: expect.any(String) as string,
    });
    (await other.api.accounts(portal.id)).refused('enrolment-required');
    (await other.api.issueLoginToken(portal.id, other.id)).refused('enrolment-required');
    await other.reAuthenticate();
    await other.enrol();
    (await other.api.accounts(portal.id)).success();
    expect(Object.keys(await byOwnToken())).toEqual(['status', 'accessToken', 'expiresAt']);
  });

  it('R37 limits nobody while 2FA cannot be configured, and begins nothing; the end stays where it was', async () => {
    const portal = await requiring(1);
    const [person, late] = [await portal.register(), await portal.register()];
    const answer = await loginOf(person);
    const { enrolment } = answer as { enrolment?: { graceEndsAt: string } };
    await pass(portal, 2 * DAY_SECONDS);
    const limited = await loginOf(person).then(() => person.token!);
    const obstacles: [string, () => Promise<unknown>, () => Promise<unknown>][] = [
      ['off', () => portal.set({ enabled: false }), () => portal.set({ enabled: true })],
      ['not required', () => portal.set({ required: false }), () => portal.set({ required: true })],
      ['add-on', () => stack.operator.revokeAddOn(portal.id), () => stack.operator.grantAddOn(portal.id)],
      [
        'type',
        () => portal.api.changeAccount(portal.id, person.id, { type: 'power-reader' }),
        () => portal.api.changeAccount(portal.id, person.id, { type: 'contributor' }),
      ],
    ];
    for (const [name, remove, restore] of obstacles) {
      await remove();
      expect([name, Object.keys(await loginOf(person))]).toEqual([name, ['status', 'accessToken', 'expiresAt']]);
      expect([name, (await person.api.authenticators()).status]).toEqual([name, 200]);
      expect([name, (await stack.api.as(limited).authenticators()).status]).toEqual([name, 200]);
      expect(await account(portal, person.id)).not.toHaveProperty('graceEndsAt');
      if (name !== 'type') await loginOf(late);
      await restore();
      expect([name, (await loginOf(person)).status]).toEqual([name, 'enrolment-required']);
      (await stack.api.as(limited).authenticators()).refused('enrolment-required');
      expect(await graceOf(portal, person)).toBe(enrolment!.graceEndsAt);
    }
    expect(await begins(portal, person)).toHaveLength(1);
    expect(await graceOf(portal, late)).toBeUndefined();
  });

  it('R37 is moved by nothing: enabling and disabling, a reset, another number of days, a clock that is set back', async () => {
    const portal = await requiring(7);
    const person = await portal.register();
    await loginOf(person);
    const graceEndsAt = await graceOf(portal, person);
    await person.enrol();
    (await person.api.disable()).success();
    expect(await loginOf(person)).toMatchObject({ status: 'complete', enrolment: { graceEndsAt } });
    await person.enrol();
    (await person.api.reset()).success();
    expect(await loginOf(person)).toMatchObject({ status: 'complete', enrolment: { graceEndsAt } });
    await portal.set({ graceDays: 90 });
    expect(await loginOf(person)).toMatchObject({ enrolment: { graceEndsAt } });
    await portal.set({ required: false });
    await portal.set({ required: true, graceDays: 1 });
    expect(await loginOf(person)).toMatchObject({ enrolment: { graceEndsAt } });
    stack.clock.advance(-3 * DAY_SECONDS);
    expect(await loginOf(person)).toMatchObject({ enrolment: { graceEndsAt } });
    stack.clock.advance(3 * DAY_SECONDS);
    expect(await begins(portal, person)).toHaveLength(1);
    await pass(portal, 7 * DAY_SECONDS);
    expect((await loginOf(person)).status).toBe('enrolment-required');
  });

  it.each(['disable', 'reset'] as const)(
    "R37 one's own %s after the end limits the session before its answer",
    async (end) => {
      const portal = await requiring();
      const person = await overdue(portal);
      await loginOf(person);
      await person.enrol();
      const other = await person.secondSession();
      (await person.api.authenticators()).success();
      (await person.provingApi[end]()).success();
      (await person.api.authenticators()).refused('enrolment-required');
      (await stack.api.as(other).me()).refused('session-ended');
      expect((await loginOf(person)).status).toBe('enrolment-required');
      // and it can be set up again
      await person.enrol();
      (await person.api.authenticators()).success();
    },
  );

  it('R37 gives 24 hours to whom an administrator disables it for after the end', async () => {
    const portal = await requiring();
    const person = await overdue(portal);
    await loginOf(person);
    await person.enrol();
    (await portal.api.disableFor(portal.id, person.id)).success();
    const answer = (await loginOf(person)) as { status: string; enrolment?: { graceEndsAt: string } };
    expect(answer.status).toBe('complete');
    const left = Date.parse(answer.enrolment!.graceEndsAt) - stack.clock.now();
    expect(left).toBeGreaterThan((DAY_SECONDS - 60) * 1000);
    expect(left).toBeLessThanOrEqual(DAY_SECONDS * 1000);
    (await person.api.authenticators()).success();
    await pass(portal, DAY_SECONDS);
    expect((await loginOf(person)).status).toBe('enrolment-required');
  });

  it('R37 R41 comes after suspended, locked and the code', async () => {
    const portal = await requiring(0);
    const suspended = await portal.register();
    (await portal.api.suspend(portal.id, suspended.id)).success();
    (await suspended.enterPassword()).refused('account-suspended');
    const locked = await portal.register();
    await loginOf(locked);
    await locked.enrol();
    await locked.lock();
    (await portal.api.disableFor(portal.id, locked.id)).success();
    (await locked.enterPassword()).refused('account-locked');
    expect(await graceOf(portal, suspended)).toBeUndefined();
  });

  it('R37 shows who is overdue, who has time, and whose time has not begun', async () => {
    const portal = await requiring();
    const late = await overdue(portal);
    const [inTime, waiting, enrolled] = [await portal.register(), await portal.register(), await portal.register()];
    await loginOf(inTime);
    await loginOf(enrolled);
    await enrolled.enrol();
    await portal.register({ type: 'power-reader' });
    const listed = async (required: string) =>
      (await portal.api.accounts(portal.id, { required })).success().accounts.map(({ id }) => id);
    await until('the lists say so', async () => (await listed('in-grace')).join() === inTime.id);
    expect(await listed('overdue')).toEqual([late.id]);
    expect(await listed('not-started')).toEqual([waiting.id]);
    const summary = async () => (await portal.api.twoFactorSummary(portal.id)).success().required;
    expect(await summary()).toEqual({ overdue: 1, inGrace: 1, notStarted: 1 });
    await portal.set({ required: false });
    expect(await summary()).toEqual({ overdue: 0, inGrace: 0, notStarted: 0 });
    for (const due of ['overdue', 'in-grace', 'not-started']) expect(await listed(due)).toEqual([]);
    (await portal.api.accounts(portal.id, { required: 'soon' })).refused('malformed-request');
  });
});
