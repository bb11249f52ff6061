import { ofType } from '#test/support/events.js';
import { Portal } from '#test/support/people/portal.js';
import { useProduct } from '#test/support/use-stack.js';

const stack = useProduct();

describe('two-factor authentication of a portal', () => {
  it('R01 is off for a new portal', async () => {
    const portal = await Portal.make(stack, { enabled: false });
    const settings = (await portal.api.settings(portal.id)).success();
    expect(settings).toMatchObject({ enabled: false, effective: false });
    const user = await portal.contributor();
    expect((await user.api.myTwoFactor()).success()).toMatchObject({ configurable: false, reason: 'portal-off' });
  });

  it('R01 is turned on and off by an administrator, for the whole portal', async () => {
    const portal = await Portal.make(stack, { enabled: false });
    const users = [await portal.contributor(), await portal.contributor(), portal.admin];
    const configurable = () =>
      Promise.all(users.map(async (user) => (await user.api.myTwoFactor()).success().configurable));

    const before = await portal.settings();
    const on = { ...before, enabled: true };
    expect(await portal.set({ enabled: true })).toEqual({ ...on, effective: true });
    expect(await configurable()).toEqual([true, true, true]);

    expect(await portal.set({ enabled: false })).toEqual({ ...before, effective: false });
    expect(await configurable()).toEqual([false, false, false]);
    expect((await portal.api.settings(portal.id)).success()).toEqual({ ...before, effective: false });
  });

  it('R01 is on for one portal without being on for another', async () => {
    const on = await Portal.make(stack);
    const off = await Portal.make(stack, { enabled: false });
    expect((await on.api.settings(on.id)).success().effective).toBe(true);
    expect((await off.api.settings(off.id)).success().effective).toBe(false);
  });
});

describe('the limit of failed attempts', () => {
  it('R02 is 5 unless the administrator sets another', async () => {
    const portal = await Portal.make(stack);
    expect(await portal.settings()).toMatchObject({ maxFailedAttempts: 5 });
    const user = await portal.enrolled();
    (await user.fail(4)).refused('wrong-code');
    (await user.fail(1)).refused('account-locked');
  });

  it.each([0, 101, -1, 2.5, '5', null, 1e9])('R02 is not set to %p', async (maxFailedAttempts) => {
    const portal = await Portal.make(stack);
    const change = { ...(await portal.settings()), maxFailedAttempts };
    const { errors } = (await portal.api.changeSettings(portal.id, change)).refused('malformed-request');
    expect(errors).toEqual([expect.objectContaining({ field: expect.stringContaining('maxFailedAttempts') })]);
    expect((await portal.api.settings(portal.id)).success().maxFailedAttempts).toBe(5);
  });

  it('R01 R02 stays as it is where a change leaves it out', async () => {
    const portal = await Portal.make(stack, { maxFailedAttempts: 3 });
    for (const change of [{}, { lockMinutes: 5 }, { maxFailedAttempts: 4 }, { enabled: false }]) {
      const before = (await portal.api.settings(portal.id)).success();
      const effective = change.enabled ?? before.enabled;
      const after = (await portal.api.changeSettings(portal.id, change)).success();
      expect(after).toEqual({ ...before, ...change, effective });
    }
  });

  it('R02 can be 1: the first failure locks', async () => {
    const portal = await Portal.make(stack, { maxFailedAttempts: 1 });
    const user = await portal.enrolled();
    (await user.fail(1)).refused('account-locked');
  });

  it('R02 can be 100: the hundredth failure locks', async () => {
    const portal = await Portal.make(stack, { maxFailedAttempts: 100 });
    const user = await portal.enrolled();
    expect((await user.fail(99)).refused('wrong-code')).toMatchObject({ attemptsLeft: 1 });
    (await user.fail(1)).refused('account-locked');
  });

  it('R02 holds for the next attempt of every account once changed', async () => {
    const portal = await Portal.make(stack);
    const [one, other] = [await portal.enrolled(), await portal.enrolled()];
    await one.fail(2);
    await other.fail(1);
    const openBefore = await other.challenge();

    await portal.set({ maxFailedAttempts: 10 });
    expect((await one.fail(1)).refused('wrong-code')).toMatchObject({ attemptsLeft: 7 });
    const typed = { code: other.phone.wrongCode() };
    expect((await stack.api.sendCode(openBefore, typed)).refused('wrong-code')).toMatchObject({ attemptsLeft: 8 });

    await portal.set({ maxFailedAttempts: 4 });
    (await one.fail(1)).refused('account-locked');
    expect((await other.fail(1)).refused('wrong-code')).toMatchObject({ attemptsLeft: 1 });
  });

  it('R02 locks nobody by being lowered, and counts at the next failure', async () => {
    const portal = await Portal.make(stack);
    const [lucky, unlucky] = [await portal.enrolled(), await portal.enrolled()];
    await lucky.fail(4);
    await unlucky.fail(4);
    await portal.set({ maxFailedAttempts: 2 });

    for (const { id } of [lucky, unlucky]) {
      expect((await portal.api.account(portal.id, id)).success().status).toBe('active');
    }
    (await lucky.enterCode(lucky.phone.freshCode())).success();
    (await unlucky.fail(1)).refused('account-locked');
  });

  it('R02 changed while attempts are under way is exact at every attempt', async () => {
    const portal = await Portal.make(stack, { maxFailedAttempts: 100 });
    const user = await portal.enrolled();
    const challenge = await user.challenge();
    const guess = () => stack.api.sendCode(challenge, { code: user.phone.wrongCode() });

    const guesses = Array.from({ length: 30 }, guess);
    const change = portal.set({ maxFailedAttempts: 12 });
    guesses.push(...Array.from({ length: 30 }, guess));
    await Promise.all([...guesses, change]);
    (await guess()).refused('account-locked');

    const events = await portal.eventsOf(user, 'AccountLocked');
    const failures = ofType(events, 'AttemptFailed');
    const limits = failures.map(({ data }) => data.maxFailedAttempts as number);
    expect(limits).toEqual([...limits].sort((a, b) => b - a));
    failures.forEach(({ data }, i) => {
      expect(data.failedAttempts).toBe(i + 1);
      const locks = i + 1 >= (data.maxFailedAttempts as number);
      expect(locks).toBe(i === failures.length - 1);
    });
    expect(ofType(events, 'AccountLocked')).toHaveLength(1);
  });
});

describe('the Enterprise Security add-on', () => {
  it('R03 is needed to turn 2FA on, and the error says what is missing', async () => {
    const portal = await Portal.make(stack, { addOn: false });
    const on = await portal.settings({ enabled: true });
    const refusal = (await portal.api.changeSettings(portal.id, on)).refused('add-on-required', 409);
    expect(refusal.detail).toContain('Enterprise Security');
    expect((await portal.api.settings(portal.id)).success()).toMatchObject({ enabled: false, effective: false });
  });

  it('R03 is not needed to set the limit', async () => {
    const portal = await Portal.make(stack, { addOn: false });
    const limited = { enabled: false, maxFailedAttempts: 7, effective: false };
    expect(await portal.set({ maxFailedAttempts: 7 })).toMatchObject(limited);
  });

  it('R03 acts like 2FA turned off when it ends; when it returns, the setting is as it was', async () => {
    const portal = await Portal.make(stack, { maxFailedAttempts: 7 });
    const user = await portal.enrolled();
    const before = await portal.settings();

    (await stack.operator.revokeAddOn(portal.id)).success();
    const ended = { ...before, effective: false };
    expect((await portal.api.settings(portal.id)).success()).toEqual(ended);
    expect((await user.enterPassword()).success().status).toBe('complete');
    expect((await user.api.myTwoFactor()).success()).toMatchObject({
      status: 'enabled',
      configurable: false,
      reason: 'add-on-required',
    });
    (await user.api.reset()).refused('add-on-required', 403);
    (await portal.api.changeSettings(portal.id, before)).refused('add-on-required', 409);

    (await stack.operator.grantAddOn(portal.id)).success();
    expect((await portal.api.settings(portal.id)).success()).toEqual({ ...ended, effective: true });
    expect((await user.fail(1)).refused('wrong-code')).toMatchObject({ attemptsLeft: 6 });
    (await user.enterCode(user.phone.freshCode())).success();
  });

  it('R03 is granted and ended by the operator alone', async () => {
    const portal = await Portal.make(stack);
    (await portal.api.revokeAddOn(portal.id)).refused('forbidden');
    (await portal.api.grantAddOn(portal.id)).refused('forbidden');
    (await stack.api.revokeAddOn(portal.id)).refused('unauthenticated');
    (await stack.operator.revokeAddOn('p-unknown')).refused('not-found');
    expect((await portal.api.settings(portal.id)).success().effective).toBe(true);
  });
});
