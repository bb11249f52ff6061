import { ofType } from '#test/support/events.js';
import { Portal } from '#test/support/people/portal.js';
import { backupCodeForms, found, secretForms } from '#test/support/secrets.js';
import { usePortal, useStack } from '#test/support/use-stack.js';

const stack = useStack();
const portal = usePortal(stack);

describe("disabling one's own", () => {
  it('R11 login asks for no code any more', async () => {
    const user = await portal.enrolled();
    expect((await user.api.disable()).success()).toEqual({ status: 'none' });
    expect((await user.enterPassword()).success().status).toBe('complete');
    const none = { status: 'none', configurable: true, backupCodesLeft: 0 };
    expect((await user.api.myTwoFactor()).success()).toEqual(none);
    (await user.api.disable()).refused('two-factor-not-enabled');
    (await user.api.reset()).refused('two-factor-not-enabled');
    (await user.api.newBackupCodes()).refused('two-factor-not-enabled');
  });

  it('R11 destroys the secret and the backup codes: set up again, both are others', async () => {
    const user = await portal.enrolled();
    const { phone: oldPhone, backupCodes: oldCodes } = user;
    (await user.api.disable()).success();
    await user.enrol();
    expect(user.phone.secret.equals(oldPhone.secret)).toBe(false);
    (await user.enterCode(oldPhone.freshCode())).refused('wrong-code');
    (await user.enterBackupCode(oldCodes[0] as string)).refused('wrong-code');
    (await user.enterCode(user.phone.freshCode())).success();
  });

  it('R11 ends a pending setup too', async () => {
    const user = await portal.contributor();
    await user.beginSetUp();
    expect((await user.api.disable()).success()).toEqual({ status: 'none' });
    (await user.api.confirm(user.phone.freshCode())).refused('no-pending-setup');
  });

  it('R11 ends all other sessions, not the one that did it', async () => {
    const user = await portal.enrolled();
    const other = await user.secondSession();
    (await user.api.disable()).success();
    (await stack.api.as(other).me()).refused('session-ended');
    (await user.api.me()).success();
  });
});

describe('disabling by an administrator', () => {
  it('R12 lets a user in who has lost the phone', async () => {
    const user = await portal.enrolled();
    expect((await portal.api.disableFor(portal.id, user.id)).success()).toEqual({ status: 'none' });
    expect((await user.enterPassword()).success().status).toBe('complete');
    (await portal.api.disableFor(portal.id, user.id)).refused('two-factor-not-enabled');

    const events = await portal.eventsOf(user, 'TwoFactorDisabled');
    const actor = { kind: 'administrator', id: portal.admin.id };
    expect(ofType(events, 'TwoFactorDisabled')).toMatchObject([{ actor }]);
    await user.signIn();
    await user.enrol();
  });

  it('R12 works while 2FA is off for the portal, and while the add-on is missing', async () => {
    const portal = await Portal.make(stack);
    const [one, other] = [await portal.enrolled(), await portal.enrolled()];
    await portal.set({ enabled: false });
    (await portal.api.disableFor(portal.id, one.id)).success();
    (await stack.operator.revokeAddOn(portal.id)).success();
    (await portal.api.disableFor(portal.id, other.id)).success();
    (await stack.operator.grantAddOn(portal.id)).success();
    await portal.set({ enabled: true });
    for (const user of [one, other]) expect((await user.enterPassword()).success().status).toBe('complete');
  });

  it('R12 works while the account is locked, which it stays', async () => {
    const user = await (await portal.enrolled()).lock();
    (await portal.api.disableFor(portal.id, user.id)).success();
    (await user.enterPassword()).refused('account-locked');
    (await portal.api.unlock(portal.id, user.id)).success();
    expect((await user.enterPassword()).success().status).toBe('complete');
  });

  it('R12 works for any user of the portal: pending, a Power Reader who was a Contributor, another administrator', async () => {
    const pending = await portal.contributor();
    await pending.beginSetUp();
    const reader = await portal.enrolled();
    (await portal.api.changeAccount(portal.id, reader.id, { type: 'power-reader' })).success();
    const admin = await (await (await portal.register({ admin: true })).signIn()).enrol();
    for (const { id } of [pending, reader, admin]) {
      (await portal.api.disableFor(portal.id, id)).success();
      expect((await portal.api.account(portal.id, id)).success().twoFactor.status).toBe('none');
    }
  });

  it('R12 is for administrators of the portal, and services that may send commands', async () => {
    const user = await portal.enrolled();
    (await user.api.disableFor(portal.id, user.id)).refused('forbidden');
    (await (await portal.contributor()).api.disableFor(portal.id, user.id)).refused('forbidden');
    (await (await portal.service('challenges', 'events')).disableFor(portal.id, user.id)).refused('forbidden');
    (await stack.api.disableFor(portal.id, user.id)).refused('unauthenticated');
    (await (await Portal.make(stack)).api.disableFor(portal.id, user.id)).refused('not-found');
    (await portal.api.disableFor(portal.id, 'nobody')).refused('not-found');
    expect((await user.api.myTwoFactor()).success().status).toBe('enabled');
    (await (await portal.service('commands')).disableFor(portal.id, user.id)).success();
  });

  it("R12 is not for the administrator's own account", async () => {
    const portal = await Portal.make(stack);
    await portal.admin.enrol();
    (await portal.api.disableFor(portal.id, portal.admin.id)).refused('forbidden');
    expect((await portal.admin.enterPassword()).success().status).toBe('code-required');
  });

  it('R12 shows administrators neither a secret nor a code, in no answer', async () => {
    const user = await portal.enrolled();
    const code = user.phone.freshCode();
    (await user.enterCode(code)).success();
    (await user.api.reset()).success();
    const secrets = [
      ...secretForms('the secret', user.phone.base32),
      ...user.backupCodes.flatMap((shown, i) => backupCodeForms(`backup code ${i}`, shown)),
    ];
    const portalPath = `/v1/portals/${portal.id}`;
    const paths = [
      '/accounts',
      `/accounts/${user.id}`,
      '/settings/two-factor',
      '/events?limit=200',
      '/events/export?format=csv',
    ];
    for (const path of paths) {
      const { status, text } = await portal.api.raw('GET', portalPath + path);
      expect({ path, status, found: found(secrets, text) }).toEqual({ path, status: 200, found: [] });
      expect(text).not.toMatch(new RegExp(`"${code}"`));
    }
    const disabled = await portal.api.raw('POST', `${portalPath}/accounts/${user.id}/two-factor/disable`);
    expect(JSON.parse(disabled.text)).toEqual({ status: 'none' });
  });
});

describe('resetting', () => {
  it('R13 makes a new secret; codes of the old one are refused at once', async () => {
    const user = await portal.enrolled();
    const old = user.phone;
    const reset = (await user.api.reset()).success();
    expect(reset.status).toBe('pending');
    user.scan(reset.otpauthUri);
    expect(user.phone.secret.equals(old.secret)).toBe(false);
    expect(reset.manualKey.replaceAll(' ', '')).toBe(user.phone.base32);

    (await user.api.confirm(old.freshCode())).refused('wrong-code');
    (await user.api.confirm(user.phone.freshCode())).success();
    (await user.enterCode(old.freshCode())).refused('wrong-code');
    (await user.enterCode(user.phone.freshCode())).success();
  });

  it('R13 is active again only when a code of the new secret is confirmed', async () => {
    const user = await portal.enrolled();
    user.scan((await user.api.reset()).success().otpauthUri);
    const pending = { status: 'pending', configurable: true, backupCodesLeft: 0 };
    expect((await user.api.myTwoFactor()).success()).toMatchObject(pending);
    expect((await user.enterPassword()).success().status).toBe('complete');
    (await user.api.reset()).refused('two-factor-not-enabled');
    (await user.api.confirm(user.phone.freshCode())).success();
    expect((await user.enterPassword()).success().status).toBe('code-required');
  });

  it('R13 ends the old backup codes', async () => {
    const user = await portal.enrolled();
    const old = user.backupCodes;
    user.scan((await user.api.reset()).success().otpauthUri);
    const fresh = (await user.api.confirm(user.phone.freshCode())).success().backupCodes;
    expect(fresh.filter((code) => old.includes(code))).toEqual([]);
    (await user.enterBackupCode(old[0] as string)).refused('wrong-code');
    (await user.enterBackupCode(fresh[0] as string)).success();
  });

  it('R13 ends all other sessions, and shows the old secret no more', async () => {
    const user = await portal.enrolled();
    const other = await user.secondSession();
    const old = secretForms('the old secret', user.phone.base32);
    const reset = await user.api.raw('POST', '/v1/me/two-factor/reset');
    expect(reset.status).toBe(201);
    expect(found(old, reset.text)).toEqual([]);
    (await stack.api.as(other).me()).refused('session-ended');
    (await user.api.me()).success();
  });

  it('R13 holds when the process is killed as soon as it has answered', async () => {
    const user = await portal.enrolled();
    const old = user.phone;
    user.scan((await user.api.reset()).success().otpauthUri);
    await stack.restart();
    (await user.api.confirm(old.freshCode())).refused('wrong-code');
    (await user.api.confirm(user.phone.freshCode())).success();
    (await user.enterCode(old.freshCode())).refused('wrong-code');
  });

  it('R13 is an event that holds neither secret', async () => {
    const user = await portal.enrolled();
    const old = user.phone;
    user.scan((await user.api.reset()).success().otpauthUri);
    const events = await portal.eventsOf(user, 'SecretIssued', 2);
    expect(ofType(events, 'SecretIssued').map(({ data }) => data.reason)).toEqual(['setup', 'reset']);
    const secrets = [...secretForms('old', old.base32), ...secretForms('new', user.phone.base32)];
    expect(found(secrets, JSON.stringify(events))).toEqual([]);
  });
});
