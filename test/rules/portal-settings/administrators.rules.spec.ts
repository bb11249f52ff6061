import type { ProblemCode } from '#libs/contracts/src/problems.js';
import type { Api } from '#test/support/calls/client.js';
import { ofType } from '#test/support/events.js';
import { Portal } from '#test/support/people/portal.js';
import { useProduct } from '#test/support/use-stack.js';

const stack = useProduct();

describe('who reads and changes the settings', () => {
  it('R04 no one but an administrator of that portal', async () => {
    const portal = await Portal.make(stack);
    const stranger = await Portal.make(stack);
    const before = await portal.settings();
    const change = { ...before, enabled: false };
    const callers: { api: Api; code: ProblemCode }[] = [
      { api: stack.api, code: 'unauthenticated' },
      { api: stack.api.as('ses_unknown'), code: 'unauthenticated' },
      { api: stack.operator, code: 'forbidden' },
      { api: (await portal.contributor()).api, code: 'forbidden' },
      { api: (await portal.powerReader()).api, code: 'forbidden' },
      { api: await portal.service('challenges', 'commands', 'events'), code: 'forbidden' },
      { api: stranger.api, code: 'not-found' },
    ];
    for (const { api, code } of callers) {
      (await api.settings(portal.id)).refused(code);
      (await api.changeSettings(portal.id, change)).refused(code);
    }
    expect(await portal.settings()).toEqual(before);
  });

  it('R04 an administrator who is one no more, from the next request on', async () => {
    const portal = await Portal.make(stack);
    const second = await (await portal.register({ admin: true })).signIn();
    (await second.api.settings(portal.id)).success();
    (await portal.api.changeAccount(portal.id, second.id, { admin: false })).success();
    (await second.api.settings(portal.id)).refused('forbidden');
    (await portal.api.changeAccount(portal.id, second.id, { admin: true })).success();
    (await second.api.settings(portal.id)).success();
  });
});

describe('changes of the settings', () => {
  it('R04 are events: who, when, from what, to what', async () => {
    const portal = await Portal.make(stack);
    const second = await (await portal.register({ admin: true })).signIn();
    const before = stack.clock.now();
    const change = await portal.settings({ enabled: false, maxFailedAttempts: 9 });
    (await second.api.changeSettings(portal.id, change)).success();
    const after = stack.clock.now();

    const changes = ofType(await portal.events('SettingsChanged', 2), 'SettingsChanged');
    expect(changes).toHaveLength(2);
    expect(changes[0]).toMatchObject({
      actor: { kind: 'administrator', id: portal.admin.id },
      data: { from: { enabled: false }, to: { enabled: true } },
    });
    expect(changes[1]).toMatchObject({
      actor: { kind: 'administrator', id: second.id },
      data: { from: { enabled: true, maxFailedAttempts: 5 }, to: { enabled: false, maxFailedAttempts: 9 } },
    });
    const when = Date.parse(changes[1]?.time ?? '');
    expect(when).toBeGreaterThanOrEqual(before - 1);
    expect(when).toBeLessThanOrEqual(after + 1);
  });

  it('R04 are no events when nothing changes', async () => {
    const portal = await Portal.make(stack);
    await portal.set({});
    await portal.set({});
    expect(ofType(await portal.allEvents(), 'SettingsChanged')).toHaveLength(1);
  });

  it('R04 of the add-on are events of the operator', async () => {
    const portal = await Portal.make(stack);
    (await stack.operator.revokeAddOn(portal.id)).success();
    const events = await portal.events('AddOnRevoked');
    for (const type of ['AddOnGranted', 'AddOnRevoked'] as const) {
      expect(ofType(events, type)).toMatchObject([{ actor: { kind: 'operator' } }]);
    }
  });
});

describe('administrators', () => {
  it('R04 are Contributors', async () => {
    const portal = await Portal.make(stack);
    const both = { username: 'both', password: 'long enough', type: 'power-reader', admin: true };
    (await portal.api.register(portal.id, both)).refused('malformed-request');
    const { id } = await portal.register({ type: 'power-reader' });
    (await portal.api.changeAccount(portal.id, id, { admin: true, type: 'power-reader' })).refused('malformed-request');
    const promotion = await portal.api.changeAccount(portal.id, id, { admin: true });
    expect(promotion.status).toBeGreaterThanOrEqual(400);
    expect((await portal.api.account(portal.id, id)).success()).toMatchObject({ type: 'power-reader', admin: false });

    const second = await portal.register({ admin: true });
    (await portal.api.changeAccount(portal.id, second.id, { type: 'power-reader' })).success();
    expect((await portal.api.account(portal.id, second.id)).success()).toMatchObject({
      type: 'power-reader',
      admin: false,
    });
  });

  it('R04 the last one of a portal cannot be demoted', async () => {
    const portal = await Portal.make(stack);
    const { admin } = portal;
    (await portal.api.changeAccount(portal.id, admin.id, { admin: false })).refused('last-administrator');
    (await portal.api.changeAccount(portal.id, admin.id, { type: 'power-reader' })).refused('last-administrator');
    expect((await portal.api.account(portal.id, admin.id)).success()).toMatchObject({
      admin: true,
      type: 'contributor',
    });

    const second = await portal.register({ admin: true });
    (await portal.api.changeAccount(portal.id, admin.id, { admin: false })).success();
    await second.signIn();
    (await second.api.changeAccount(portal.id, second.id, { admin: false })).refused('last-administrator');
  });

  it('R04 two who demote each other at once leave one', async () => {
    const portal = await Portal.make(stack);
    const second = await (await portal.register({ admin: true })).signIn();
    const answers = await Promise.all([
      portal.api.changeAccount(portal.id, second.id, { admin: false }),
      second.api.changeAccount(portal.id, portal.admin.id, { admin: false }),
    ]);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    const left = [portal.admin, second].filter((_, i) => answers[i]?.status === 200);
    const { accounts } = (await (left[0] as typeof second).api.accounts(portal.id)).success();
    expect(accounts.filter(({ admin }) => admin)).toHaveLength(1);
  });

  it('R04 the operator unlocks one, and disables their 2FA', async () => {
    const portal = await Portal.make(stack);
    await portal.admin.enrol();
    await portal.admin.lock();
    (await portal.admin.enterPassword()).refused('account-locked');

    expect((await stack.operator.unlock(portal.id, portal.admin.id)).success()).toEqual({ status: 'active' });
    expect((await portal.admin.enterPassword()).success().status).toBe('code-required');
    expect((await stack.operator.disableFor(portal.id, portal.admin.id)).success()).toEqual({ status: 'none' });
    expect((await portal.admin.enterPassword()).success().status).toBe('complete');
  });

  it('R04 the operator does so for administrators only', async () => {
    const portal = await Portal.make(stack);
    const user = await (await portal.enrolled()).lock();
    (await stack.operator.unlock(portal.id, user.id)).refused('forbidden');
    (await stack.operator.disableFor(portal.id, user.id)).refused('forbidden');
    expect((await portal.api.account(portal.id, user.id)).success()).toMatchObject({
      status: 'locked',
      twoFactor: { status: 'enabled' },
    });
  });
});
