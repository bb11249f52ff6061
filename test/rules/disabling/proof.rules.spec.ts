import { times } from '#test/support/calls/entrances.js';
import type { Api } from '#test/support/calls/client.js';
import { ofType } from '#test/support/events.js';
import { type Person, Portal } from '#test/support/people/portal.js';
import { useIdentityProvider, usePortal, useProduct } from '#test/support/use-stack.js';

const stack = useProduct();
const portal = usePortal(stack);
const provider = useIdentityProvider();

type Session = (user: Person) => Promise<Api>;
/** Sessions that prove no password, as administrators or other systems can make them. */
const proofless: { by: string; session: Session }[] = [
  {
    by: 'a login token',
    session: async (user) => {
      const { accessToken } = (await stack.api.loginWithToken(portal.id, await portal.loginToken(user))).success();
      return stack.api.as(accessToken);
    },
  },
  {
    by: 'SSO',
    session: async (user) => {
      await provider.serve(portal, user);
      const { accessToken } = (await stack.api.loginWithSso(portal.id, await provider.idToken(user))).success();
      return stack.api.as(accessToken);
    },
  },
];

const needs = async (answer: Promise<{ refused(code: string): Record<string, unknown> }>) =>
  (await answer).refused('re-authentication-required').needs;

/** What each of the five calls says is missing; each is made in a state in which only the proof can be. */
async function missing({ api, user, state }: { api: Api; user: Person; state: 'none' | 'pending' | 'enabled' }) {
  switch (state) {
    case 'none':
      return { setUp: await needs(api.setUp()) };
    case 'pending':
      return { setUp: await needs(api.setUp()), confirm: await needs(api.confirm(user.phone.freshCode())) };
    case 'enabled':
      return {
        disable: await needs(api.disable()),
        reset: await needs(api.reset()),
        newBackupCodes: await needs(api.newBackupCodes()),
      };
  }
}

describe('the proof that changes need', () => {
  it.each(proofless)('R14 is not given by a session of $by', async ({ session }) => {
    const user = await portal.contributor();
    const api = await session(user);
    expect(await missing({ api, user, state: 'none' })).toEqual({ setUp: ['password'] });
    await user.beginSetUp();
    expect(await missing({ api, user, state: 'pending' })).toEqual({ setUp: ['password'], confirm: ['password'] });
    (await user.api.confirm(user.phone.freshCode())).success();
    const both = ['password', 'code'];
    const later = await session(user);
    for (const stale of [api, later]) {
      expect(await missing({ api: stale, user, state: 'enabled' })).toEqual({
        disable: both,
        reset: both,
        newBackupCodes: both,
      });
    }
    expect((await user.api.myTwoFactor()).success()).toMatchObject({ status: 'enabled', backupCodesLeft: 10 });
  });

  it('R14 is 10 minutes fresh: setting up and confirming', async () => {
    const user = await portal.contributor();
    stack.clock.advance(590);
    await user.beginSetUp();
    stack.clock.advance(11);
    expect(await missing({ api: user.api, user, state: 'pending' })).toEqual({
      setUp: ['password'],
      confirm: ['password'],
    });
    (await user.api.reAuthenticate({ password: user.credentials.password })).success();
    (await user.api.confirm(user.phone.freshCode())).success();
  });

  it('R14 is 10 minutes fresh: disabling, resetting, new backup codes', async () => {
    const user = await portal.enrolled();
    stack.clock.advance(31);
    await user.signIn();
    stack.clock.advance(590);
    (await user.api.newBackupCodes()).success();
    stack.clock.advance(11);
    const both = ['password', 'code'];
    expect(await missing({ api: user.api, user, state: 'enabled' })).toEqual({
      disable: both,
      reset: both,
      newBackupCodes: both,
    });
    expect((await user.api.myTwoFactor()).success()).toMatchObject({ status: 'enabled', backupCodesLeft: 10 });
  });

  it('R14 has both factors while 2FA is active: a session that passed no code needs one', async () => {
    const user = await portal.contributor();
    const second = await user.secondSession();
    await user.enrol();
    // a code that another session has passed is none of its own
    (await user.enterCode(user.phone.freshCode())).success();
    const code = ['code'];
    const expected = { disable: code, reset: code, newBackupCodes: code };
    expect(await missing({ api: stack.api.as(second), user, state: 'enabled' })).toEqual(expected);
    const { password } = user.credentials;
    (await stack.api.as(second).reAuthenticate({ password, code: user.phone.freshCode() })).success();
    (await stack.api.as(second).newBackupCodes()).success();
  });

  it('R14 has both factors also for a session that began while 2FA was off for the portal', async () => {
    const other = await Portal.make(stack);
    const user = await other.enrolled();
    await other.set({ enabled: false });
    await user.signIn();
    await other.set({ enabled: true });
    expect(await needs(user.api.disable())).toEqual(['code']);
  });

  it('R14 is given by the code at login', async () => {
    const user = await (await portal.enrolled()).signIn();
    (await user.api.newBackupCodes()).success();
  });

  it('R14 is given by a backup code at login', async () => {
    const user = await portal.enrolled();
    const { accessToken } = (await user.enterBackupCode(user.backupCodes[0] as string)).success();
    (await stack.api.as(accessToken).disable()).success();
  });

  it('R14 is given by the code at confirming', async () => {
    const user = await portal.enrolled();
    (await user.api.reset()).success();
  });

  it('R14 is not given by a code of the secret before', async () => {
    const user = await portal.enrolled();
    const second = await user.secondSession();
    (await portal.api.disableFor(portal.id, user.id)).success();
    await (await user.signIn()).enrol();
    const answer = await stack.api.as(second).disable();
    // Either the session ended, or it lacks a code of the present secret.
    if (answer.code !== 'session-ended') expect(answer.refused('re-authentication-required').needs).toEqual(['code']);
    expect((await user.api.myTwoFactor()).success().status).toBe('enabled');
  });
});

describe('re-authentication', () => {
  it.each(proofless)(
    'R14 makes a session of $by good for changes: the password, and a code while 2FA is active',
    async ({ session }) => {
      const user = await portal.enrolled();
      const api = await session(user);
      const { password } = user.credentials;
      expect(await needs(api.reAuthenticate({ password }))).toEqual(['code']);
      expect(await needs(api.disable())).toContain('code');

      const { expiresAt } = (await api.reAuthenticate({ password, code: user.phone.freshCode() })).success();
      expect(Math.abs(Date.parse(expiresAt) - stack.clock.now() - 600_000)).toBeLessThan(5_000);
      (await api.disable()).success();
    },
  );

  it('R14 takes a backup code as well', async () => {
    const user = await portal.enrolled();
    stack.clock.minutes(11);
    const { password } = user.credentials;
    (await user.api.reAuthenticate({ password, backupCode: user.backupCodes[0] })).success();
    (await user.api.reset()).success();
    (await user.api.reAuthenticate({ password, backupCode: user.backupCodes[1], code: '123456' })).refused(
      'malformed-request',
    );
  });

  it('R14 needs no code while none is active', async () => {
    const user = await portal.contributor();
    stack.clock.minutes(11);
    (await user.api.reAuthenticate({ password: user.credentials.password })).success();
    (await user.api.setUp()).success();
  });

  it('R14 does not look at the code when the password is wrong', async () => {
    const user = await portal.enrolled();
    const code = user.phone.freshCode();
    (await user.api.reAuthenticate({ password: 'not the password', code })).refused('invalid-credentials');
    (await user.api.reAuthenticate({ password: 'not the password', code: user.phone.wrongCode() })).refused(
      'invalid-credentials',
    );
    (await user.api.reAuthenticate({ password: user.credentials.password, code })).success();
    expect((await user.fail(1)).refused('wrong-code')).toMatchObject({ attemptsLeft: 4 });
  });

  it('R14 counts wrong codes as attempts, which lock: the one way to disable, reset and new backup codes (ezauth #175)', async () => {
    const user = await portal.enrolled();
    stack.clock.advance(601);
    const { password } = user.credentials;
    const answers = await times(40, () => user.api.reAuthenticate({ password, code: user.phone.wrongCode() }));
    expect(answers.filter(({ code }) => code === 'wrong-code')).toHaveLength(4);
    const events = await portal.eventsBeforeUnlock(user);
    expect(ofType(events, 'AttemptFailed')).toHaveLength(5);
    for (const call of [user.api.disable(), user.api.reset(), user.api.newBackupCodes()]) {
      (await call).refused('session-ended');
    }
  });

  it('R14 refused leaves the proof as it was', async () => {
    const user = await portal.enrolled();
    stack.clock.minutes(11);
    const { password } = user.credentials;
    (await user.api.reAuthenticate({ password, code: user.phone.wrongCode() })).refused('wrong-code');
    (await user.api.reAuthenticate({ password: 'not the password', code: user.phone.freshCode() })).refused(
      'invalid-credentials',
    );
    expect(await needs(user.api.disable())).toEqual(['password', 'code']);
  });
});

describe('the order of refusals', () => {
  it('R14 the state comes before the proof, the proof before the code', async () => {
    const none = await portal.contributor();
    const pending = await portal.contributor();
    await pending.beginSetUp();
    const enabled = await portal.enrolled();
    stack.clock.minutes(11);
    for (const { api } of [none, pending]) {
      (await api.reset()).refused('two-factor-not-enabled');
      (await api.newBackupCodes()).refused('two-factor-not-enabled');
    }
    (await none.api.disable()).refused('two-factor-not-enabled');
    (await none.api.confirm('12345')).refused('no-pending-setup');
    (await enabled.api.setUp()).refused('already-enabled');
    (await enabled.api.confirm('12345')).refused('no-pending-setup');
    (await pending.api.confirm('12345')).refused('re-authentication-required');
    (await pending.api.reAuthenticate({ password: pending.credentials.password })).success();
    (await pending.api.confirm('12345')).refused('malformed-code');
  });
});
