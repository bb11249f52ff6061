import { randomBytes } from 'node:crypto';
import { shownLink } from '#test/support/calls/shown-link.js';
import { ofType } from '#test/support/events.js';
import { Portal } from '#test/support/people/portal.js';
import { usePortal, useStack } from '#test/support/use-stack.js';

const stack = useStack();
const portal = usePortal(stack);

const newPassword = () => `a new password ${randomBytes(6).toString('hex')}`;
const linkFor = async (id: string) => {
  const url = shownLink((await stack.operator.issuePasswordLink(portal.id, id)).success());
  return url.slice(url.indexOf('#') + 1);
};
const login = (username: string, password: string) => stack.api.login({ portal: portal.id, username, password });

describe('a link by which a password is set', () => {
  it('R43 gives a person without a password one, once', async () => {
    const tool = await portal.service('accounts');
    const username = `u-${randomBytes(6).toString('hex')}`;
    const { id } = (await tool.register(portal.id, { username, type: 'contributor' })).success();
    const [token, password] = [await linkFor(id), newPassword()];
    (await stack.api.redeemPasswordLink(token, 'short')).refused('malformed-request');
    (await stack.api.redeemPasswordLink(token, password)).success();
    expect((await login(username, password)).success().status).toBe('complete');
    (await stack.api.redeemPasswordLink(token, newPassword())).refused('invalid-credentials');
    expect((await portal.api.account(portal.id, id)).success()).toMatchObject({ hasPassword: true });
    const { accounts } = (await portal.api.accounts(portal.id, { id: [id] })).success();
    expect(accounts).toMatchObject([{ id, hasPassword: true }]);
    const events = await portal.events('PasswordChanged', 1, { account: id });
    expect(ofType(events, 'PasswordLinkIssued')).toHaveLength(1);
    expect(JSON.stringify(events)).not.toContain(token);
  });

  it('R43 ends all sessions, and changes nothing of 2FA', async () => {
    const user = await portal.enrolled();
    const token = await linkFor(user.id);
    const password = newPassword();
    (await stack.api.redeemPasswordLink(token, password)).success();
    (await user.api.me()).refused('session-ended');
    (await user.enterPassword()).refused('invalid-credentials');
    expect((await login(user.credentials.username, password)).success().status).toBe('code-required');
  });

  it('R43 is used by one of many at the same moment', async () => {
    const user = await portal.register();
    const token = await linkFor(user.id);
    const passwords = Array.from({ length: 8 }, newPassword);
    const codes = (await Promise.all(passwords.map((each) => stack.api.redeemPasswordLink(token, each)))).map(
      ({ code }) => code,
    );
    expect(codes.filter((code) => code === null)).toHaveLength(1);
    expect(codes.filter((code) => code === 'invalid-credentials')).toHaveLength(7);
    const right = await Promise.all(passwords.map(async (each) => (await login(user.credentials.username, each)).code));
    expect(right.indexOf(null)).toBe(codes.indexOf(null));
  });

  it('R43 ends with a newer one, with a password change, after 24 hours, and with the account', async () => {
    const user = await portal.contributor();
    const [older, newer] = [await linkFor(user.id), await linkFor(user.id)];
    (await stack.api.redeemPasswordLink(older, newPassword())).refused('invalid-credentials');
    const { password: current } = user.credentials;
    (await user.api.changePassword({ current, new: newPassword() })).success();
    (await stack.api.redeemPasswordLink(newer, newPassword())).refused('invalid-credentials');

    const other = await portal.register();
    const late = await linkFor(other.id);
    const gone = await portal.register();
    const ofNobody = await linkFor(gone.id);
    (await portal.api.deleteAccount(portal.id, gone.id)).success();
    (await stack.api.redeemPasswordLink(ofNobody, newPassword())).refused('invalid-credentials');
    (await stack.operator.issuePasswordLink(portal.id, gone.id)).refused('account-deleted');
    stack.clock.advance(24 * 3_600 + 1);
    (await stack.api.redeemPasswordLink(late, newPassword())).refused('invalid-credentials');
    for (const token of ['', 'pwl_unknown', 'x'.repeat(1_000)]) {
      (await stack.api.redeemPasswordLink(token, newPassword())).refused('invalid-credentials');
    }
    await portal.admin.signIn();
  });

  it('R41 R43 sets none while the account is suspended or locked, and has ended afterwards', async () => {
    const user = await portal.enrolled();
    for (const [code, bar, free] of [
      ['account-suspended', () => portal.api.suspend(portal.id, user.id), () => portal.api.resume(portal.id, user.id)],
      ['account-locked', () => user.lock(), () => portal.api.unlock(portal.id, user.id)],
    ] as const) {
      const token = await linkFor(user.id);
      await bar();
      (await stack.api.redeemPasswordLink(token, newPassword())).refused(code);
      (await stack.operator.issuePasswordLink(portal.id, user.id)).refused(code);
      await free();
      (await stack.api.redeemPasswordLink(token, newPassword())).refused('invalid-credentials');
    }
    (await stack.api.redeemPasswordLink(await linkFor(user.id), newPassword())).success();
  });

  it("R43 is never an administrator's to see, nor of another portal, a user or a service", async () => {
    const user = await portal.contributor();
    (await portal.api.issuePasswordLink(portal.id, user.id)).refused('no-mail');
    (await user.api.issuePasswordLink(portal.id, user.id)).refused('forbidden');
    (await (await portal.service('accounts', 'commands')).issuePasswordLink(portal.id, user.id)).refused('forbidden');
    const other = await Portal.make(stack);
    (await other.api.issuePasswordLink(portal.id, user.id)).refused('not-found');
    (await stack.operator.issuePasswordLink(other.id, user.id)).refused('not-found');
  });
});
