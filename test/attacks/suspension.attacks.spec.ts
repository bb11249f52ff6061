import { newAddress } from '#test/support/calls/http.js';
import { Portal } from '#test/support/people/portal.js';
import { ofType } from '#test/support/events.js';
import { useGateway, usePortal, useProduct } from '#test/support/use-stack.js';

const stack = useProduct();
const portal = usePortal(stack);
const gateway = useGateway(portal);

describe('a suspended person', () => {
  it('gets in by no race of logins, codes, login tokens and the suspension', async () => {
    for (let round = 0; round < 8; round += 1) {
      const user = await portal.enrolled();
      const [challenge, atGateway, loginToken] = [
        await user.challenge(),
        await user.challengeAt(gateway),
        await portal.loginToken(user),
      ];
      const tokens: string[] = [];
      const keep = (accessToken: string | undefined) => accessToken !== undefined && tokens.push(accessToken);
      const code = user.phone.freshCode();
      const racing = [
        stack.api.sendCode(challenge, { code }).then((answer) => keep(tokenOf(answer))),
        stack.api.loginWithToken(portal.id, loginToken).then((answer) => keep(tokenOf(answer))),
        gateway.verifyChallenge(atGateway, { backupCode: user.backupCodes[0]! }),
        user.enterPassword(stack.api.from(newAddress())),
      ];
      const suspended = portal.api.suspend(portal.id, user.id);
      await Promise.all(racing);
      expect((await suspended).success()).toEqual({ status: 'suspended' });
      for (const token of tokens) (await stack.api.as(token).me()).refused('session-ended');
      (await portal.api.resume(portal.id, user.id)).success();
      for (const token of tokens) (await stack.api.as(token).me()).refused('session-ended');
      const again = await stack.api.sendCode(challenge, { backupCode: user.backupCodes[1]! });
      again.refused('challenge-ended');
    }
  });

  it('resumes nobody, not even themself, with a session of before', async () => {
    const own = await Portal.make(stack);
    const second = await (await own.register({ admin: true })).signIn();
    (await own.api.suspend(own.id, second.id)).success();
    (await second.api.resume(own.id, second.id)).refused('session-ended');
    (await second.api.suspend(own.id, own.admin.id)).refused('session-ended');
    (await second.enterPassword()).refused('account-suspended');
  });

  it('learns of it by the right password alone', async () => {
    const user = await portal.enrolled();
    (await portal.api.suspend(portal.id, user.id)).success();
    const wrong = (await user.enterWrongPassword(stack.api.from(newAddress()))).refused('invalid-credentials');
    const username = 'nobody-of-this-name';
    const unknown = await stack.api.from(newAddress()).login({ portal: portal.id, username, password: 'not it' });
    const { requestId: _, ...told } = wrong;
    expect(unknown.refused('invalid-credentials')).toMatchObject(told);
  });
});

describe('suspending', () => {
  it('oneself ends the own session too, and leaves the portal to the others', async () => {
    const own = await Portal.make(stack);
    const second = await (await own.register({ admin: true })).signIn();
    expect((await second.api.suspend(own.id, second.id)).success()).toEqual({ status: 'suspended' });
    (await second.api.me()).refused('session-ended');
    (await own.api.suspend(own.id, own.admin.id)).refused('last-administrator');
    (await own.api.resume(own.id, second.id)).success();
  });

  it('empties no portal by a chain of appointments, demotions and suspensions', async () => {
    const own = await Portal.make(stack);
    const second = await own.register({ admin: true });
    (await own.api.suspend(own.id, second.id)).success();
    // takes the right from the suspended one and gives it back: still not one who can log in
    (await own.api.changeAccount(own.id, second.id, { admin: false })).success();
    (await own.api.changeAccount(own.id, second.id, { admin: true })).success();
    (await own.api.suspend(own.id, own.admin.id)).refused('last-administrator');
    (await own.api.changeAccount(own.id, own.admin.id, { admin: false })).refused('last-administrator');
    (await own.api.changeAccount(own.id, own.admin.id, { type: 'power-reader' })).refused('last-administrator');
    (await own.admin.enterPassword()).success();
  });

  it('asked for by many at once is recorded once', async () => {
    const user = await portal.contributor();
    const answers = await Promise.all(Array.from({ length: 40 }, () => portal.admin.api.suspend(portal.id, user.id)));
    expect(new Set(answers.map((answer) => answer.success().status))).toEqual(new Set(['suspended']));
    (await portal.api.resume(portal.id, user.id)).success();
    const events = await portal.events('AccountResumed', 1, { account: user.id });
    expect(ofType(events, 'AccountSuspended')).toHaveLength(1);
  });
});

function tokenOf(answer: { code: string | null; success(): { accessToken?: string } }): string | undefined {
  return answer.code === null ? answer.success().accessToken : undefined;
}
