import { successes, times } from '#test/support/calls/entrances.js';
import { ofType } from '#test/support/events.js';
import { vaultEntries } from '#test/support/stored/vault-entries.js';
import { usePortal, useStack } from '#test/support/use-stack.js';
import { Apps } from './support/apps.js';

const stack = useStack();
const portal = usePortal(stack);

describe('authenticators, at the same moment', () => {
  it('30 beginnings leave one, and a code of any other confirms nothing', async () => {
    const before = await vaultEntries(stack);
    const user = await portal.enrolled();
    const apps = await Apps.of(stack, user);
    const begun = await times(30, (i) => apps.begin(`App ${i}`));
    expect(await vaultEntries(stack)).toBe(before + 3);
    const confirmed: string[] = [];
    for (const { id, app } of begun.map((each) => each!)) {
      const answer = await user.api.confirmTotp(app.currentCode(), id);
      if (answer.code === null) confirmed.push(id);
      else answer.refused('no-pending-setup');
    }
    expect(confirmed).toHaveLength(1);
    stack.clock.advance(30);
    const [first] = apps.byId.keys();
    expect((await user.authenticatorIds()).sort()).toEqual([first!, ...confirmed].sort());
  });

  it('30 confirmations by one code, or by two, are one, also where there is room for one alone', async () => {
    const before = await vaultEntries(stack);
    const user = await portal.enrolled();
    const apps = await Apps.of(stack, user);
    for (const name of ['Two', 'Three']) {
      const { id, app } = (await apps.begin(name))!;
      const step = stack.clock.startOfStep();
      const answers = await times(30, (i) => user.api.confirmTotp(app.codeAt(step + (i % 2)), id));
      expect(successes(answers)).toBe(1);
      for (const { code } of answers) expect([null, 'no-pending-setup']).toContain(code);
      // past both steps: the code of the later one may be the one that passed
      stack.clock.advance(60);
    }
    const listed = await apps.check(before);
    expect(listed).toHaveLength(3);
    const events = await portal.eventsOf(user, 'AuthenticatorAdded', 2);
    expect(ofType(events, 'AuthenticatorAdded')).toHaveLength(2);
  });

  it('adding, renaming and removing never leave a fourth, one whose secret is gone, or a secret of none', async () => {
    for (let round = 0; round < 6; round += 1) {
      const before = await vaultEntries(stack);
      const user = await portal.enrolled();
      const apps = await Apps.of(stack, user);
      const [first] = await user.authenticatorIds();
      const second = (await apps.begin('Two'))!;
      (await user.api.confirmTotp(second.app.currentCode(), second.id)).success();
      const third = (await apps.begin('Three'))!;
      stack.clock.advance(31);
      const code = third.app.currentCode();
      const racing = [
        () => user.api.confirmTotp(code, third.id),
        () => user.api.removeAuthenticator(round % 2 === 0 ? second.id : first!),
        () => apps.begin('Four'),
        () => user.api.removeAuthenticator(second.id),
        () => user.api.renameAuthenticator(second.id, 'Two of them'),
        () => apps.begin('Five'),
      ];
      const order = racing.map((_, i) => racing[(i + round) % racing.length]!);
      await Promise.all(order.map((act) => act()));
      const listed = await apps.check(before);
      expect(listed).not.toContain(second.id);
    }
  });

  it('removing each of three leaves none: the last is a disable, whichever it is', async () => {
    for (let round = 0; round < 3; round += 1) {
      const before = await vaultEntries(stack);
      const user = await portal.enrolled();
      for (const name of ['Two', 'Three']) await user.addApp(name);
      const ids = await user.authenticatorIds();
      const answers = await Promise.all(ids.map((id) => user.api.removeAuthenticator(id)));
      for (const answer of answers) answer.success();
      expect(await vaultEntries(stack)).toBe(before);
      expect((await user.api.myTwoFactor()).success().status).toBe('none');
      const events = await portal.eventsOf(user, 'TwoFactorDisabled');
      expect(ofType(events, 'AuthenticatorRemoved')).toHaveLength(2);
      expect(ofType(events, 'TwoFactorDisabled')).toHaveLength(1);
    }
  });

  it('confirming one more and a reset: the reset ends it, and its code confirms nothing else', async () => {
    for (let round = 0; round < 6; round += 1) {
      const before = await vaultEntries(stack);
      const user = await portal.enrolled();
      const apps = await Apps.of(stack, user);
      const { id, app } = (await apps.begin('Two'))!;
      const code = app.currentCode();
      const confirming = () => user.api.confirmTotp(code, id);
      const first = round % 2 === 0 ? confirming() : undefined;
      const reset = user.api.reset();
      const confirmed = await (first ?? confirming());
      expect([null, 'no-pending-setup']).toContain(confirmed.code);
      user.scan((await reset).success().otpauthUri);
      expect(await user.authenticatorIds()).toEqual([]);
      expect(await vaultEntries(stack)).toBe(before + 1);
      expect((await user.api.myTwoFactor()).success().status).toBe('pending');
      stack.clock.advance(61);
      (await user.api.confirm(app.freshCode())).refused('wrong-code');
      (await user.api.confirm(user.phone.freshCode())).success();
      expect(await user.authenticatorIds()).toHaveLength(1);
      (await user.enterCode(app.freshCode())).refused('wrong-code');
    }
  });

  it("a login's code and its authenticator's removal: who got in is out again, or was told it is wrong", async () => {
    for (let round = 0; round < 6; round += 1) {
      const user = await portal.enrolled();
      const tablet = await user.addApp('Tablet');
      const [, second] = await user.authenticatorIds();
      const challenge = await user.challenge();
      const code = tablet.freshCode();
      const [login, removed] = await Promise.all([
        stack.api.sendCode(challenge, { code }),
        user.api.removeAuthenticator(second!),
      ]);
      removed.success();
      if (login.code === null) {
        const { accessToken } = login.success();
        (await stack.api.as(accessToken).me()).refused('session-ended');
      } else expect(['challenge-ended', 'wrong-code']).toContain(login.code);
    }
  });
});
