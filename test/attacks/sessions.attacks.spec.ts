import { createHash } from 'node:crypto';
import type { Api } from '#test/support/client.js';
import { newAddress } from '#test/support/http.js';
import type { Person } from '#test/support/portal.js';
import { readQrCode } from '#test/support/qr.js';
import { useIdentityProvider, usePortal, useStack } from '#test/support/use-stack.js';
import { times } from '#test/support/entrances.js';
import { ofType } from '#test/support/events.js';
import { allEndpoints } from './support/samples.js';

const stack = useStack();
const portal = usePortal(stack);
const provider = useIdentityProvider();

/** Sessions that somebody else can come by: an administrator makes the first two, a thief finds the third. */
const foreignSessions: Record<string, (user: Person) => Promise<Api>> = {
  'made by a login token': async (user) => {
    const token = await portal.loginToken(user);
    return stack.api.as((await stack.api.loginWithToken(portal.id, token)).success().accessToken);
  },
  'made by SSO': async (user) => {
    await provider.serve(portal, user);
    const idToken = await provider.idToken(user);
    return stack.api.as((await stack.api.loginWithSso(portal.id, idToken)).success().accessToken);
  },
  'stolen, older than its proof': async (user) => {
    const { api } = user;
    stack.clock.advance(601);
    return api;
  },
};

describe('a stolen or administrator-made session', () => {
  it.each(Object.keys(foreignSessions))('%s, cannot set up 2FA', async (kind) => {
    const user = await portal.contributor();
    const api = await foreignSessions[kind]!(user);
    (await api.setUp()).refused('re-authentication-required');
    for (const password of ['', 'not the password', user.credentials.username]) {
      (await api.from(newAddress()).reAuthenticate({ password })).refused('invalid-credentials');
    }
    (await api.setUp()).refused('re-authentication-required');
    expect((await portal.api.account(portal.id, user.id)).success().twoFactor.status).toBe('none');
  });

  it.each(Object.keys(foreignSessions))('%s, cannot confirm what the user began', async (kind) => {
    const user = await portal.contributor();
    await user.beginSetUp();
    const api = await foreignSessions[kind]!(user);
    (await api.confirm(user.phone.freshCode())).refused('re-authentication-required');
    expect((await portal.api.account(portal.id, user.id)).success().twoFactor.status).toBe('pending');
  });

  it.each(Object.keys(foreignSessions))('%s, cannot end 2FA or get codes without the second factor', async (kind) => {
    const user = await portal.enrolled();
    const api = await foreignSessions[kind]!(user);
    const { password } = user.credentials;
    const changes = [() => api.disable(), () => api.reset(), () => api.newBackupCodes()];
    const allRefused = async () => {
      for (const change of changes) (await change()).refused('re-authentication-required');
    };
    await allRefused();
    // the password alone is half of the proof, and a wrong code none
    (await api.reAuthenticate({ password })).refused('re-authentication-required');
    (await api.reAuthenticate({ password, code: user.phone.wrongCode() })).refused('wrong-code');
    (await api.reAuthenticate({ password: 'x', code: user.phone.freshCode() })).refused('invalid-credentials');
    await allRefused();
    expect((await portal.api.account(portal.id, user.id)).success().twoFactor).toEqual({
      status: 'enabled',
      backupCodesLeft: 10,
    });
    (await api.reAuthenticate({ password, code: user.phone.freshCode() })).success();
    (await api.newBackupCodes()).success();
  });

  it('is not helped by a code that another session of the account has passed', async () => {
    const user = await portal.contributor();
    const passwordOnly = stack.api.as(await user.secondSession());
    await user.enrol();
    (await user.enterCode(user.phone.freshCode())).success();
    for (const change of [passwordOnly.disable(), passwordOnly.reset(), passwordOnly.newBackupCodes()]) {
      expect((await change).refused('re-authentication-required').needs).toEqual(['code']);
    }
  });

  it('is not helped by a code of an ended secret', async () => {
    const user = await portal.enrolled();
    const other = stack.api.as(await user.secondSession());
    user.scan((await user.api.reset()).success().otpauthUri);
    (await other.me()).refused('session-ended');
    stack.clock.advance(60);
    (await user.api.confirm(user.phone.freshCode())).success();
    for (const call of [other.disable(), other.reset(), other.newBackupCodes(), other.confirm('000000')]) {
      (await call).refused('session-ended');
    }
  });

  it('is not the hash of its token, nor its id, nor a token of another kind', async () => {
    const user = await portal.enrolled();
    const token = user.token as string;
    const { data } = ofType(await portal.eventsOf(user, 'TwoFactorEnabled'), 'TwoFactorEnabled')[0]!;
    const hash = createHash('sha256').update(token).digest();
    const guesses = [hash.toString('hex'), `ses_${hash.toString('base64url')}`, `ses_${String(data.sessionId)}`];
    for (const guess of [
      ...guesses,
      token.replace('ses_', 'svc_'),
      token.replace('ses_', ''),
      token.toUpperCase(),
      await portal.loginToken(user),
    ]) {
      (await stack.api.as(guess).me()).refused('unauthenticated');
    }
  });
});

describe('guesses at a proof or a confirmation are throttled too (ezauth #175)', () => {
  it('200 at the same moment at confirm: ten are evaluated, then the setup has ended', async () => {
    const user = await portal.contributor();
    await user.beginSetUp();
    const wrong = user.phone.wrongCode();
    const answers = await times(200, () => user.api.confirm(wrong));
    const left = answers
      .filter(({ code }) => code === 'wrong-code')
      .map((answer) => answer.refused('wrong-code').attemptsLeft);
    expect(left.map(Number).sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(answers.filter(({ code }) => code === 'no-pending-setup')).toHaveLength(190);
    const events = await portal.eventsOf(user, 'SetupFailed');
    expect(ofType(events, 'ConfirmationFailed')).toHaveLength(10);
    expect(ofType(events, 'SetupFailed')).toHaveLength(1);
    (await user.api.confirm(user.phone.freshCode())).refused('no-pending-setup');
    expect((await user.enterPassword()).success().status).toBe('complete');
  });

  it('at re-authentication, the one way to disable, reset and new backup codes, they lock', async () => {
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

  it('of the password at re-authentication and at its change, the address waits', async () => {
    const user = await portal.enrolled();
    const api = user.api.from(newAddress());
    const wrong = { password: 'not the password', code: user.phone.wrongCode() };
    const answers = await times(20, (i) =>
      i % 2 === 0
        ? api.reAuthenticate(wrong).then(({ code }) => code)
        : api.changePassword({ current: wrong.password, new: 'another password' }).then(({ code }) => code),
    );
    expect(answers.filter((code) => code === 'invalid-credentials')).toHaveLength(5);
    expect(answers.filter((code) => code === 'too-many-attempts')).toHaveLength(15);
    expect((await user.fail(1)).refused('wrong-code')).toMatchObject({ attemptsLeft: 4 });
  });
});

describe('an enrolment', () => {
  it('that was never confirmed asks for no code and locks nobody (nextcloud twofactor_totp #214)', async () => {
    const user = await portal.contributor();
    for (let i = 0; i < 3; i += 1) await user.beginSetUp();
    (await user.api.confirm(user.phone.wrongCode())).refused('wrong-code');
    expect((await user.enterPassword()).success().status).toBe('complete');
    const gateway = await portal.service('challenges');
    expect((await gateway.openChallenge(portal.id, user.id)).success()).toEqual({ required: false });
    expect((await portal.api.account(portal.id, user.id)).success().twoFactor.backupCodesLeft).toBe(0);
  });

  it('is shown to its session alone: no call that names an account answers with a secret or backup codes', () => {
    const telling = allEndpoints.filter(({ reply }) => {
      const shape = JSON.stringify('shape' in reply ? Object.keys(reply.shape as object) : []);
      return /otpauthUri|manualKey|qrCode|"backupCodes"/.test(shape);
    });
    expect(telling.map(({ operationId }) => operationId).sort()).toEqual([
      'confirmTwoFactor',
      'issueBackupCodes',
      'resetTwoFactor',
      'setUpTwoFactor',
    ]);
    for (const { path, allow } of telling) expect([path.includes(':'), allow]).toEqual([false, ['session']]);
  });

  it('begun twice at the same moment can be confirmed by the last secret alone', async () => {
    const user = await portal.contributor();
    const uris = (await times(4, () => user.api.setUp())).map((answer) => answer.success().otpauthUri);
    let enabled = 0;
    for (const uri of uris) {
      const { code } = await user.api.confirm(user.scan(uri).freshCode());
      if (code === null) enabled += 1;
    }
    expect(enabled).toBe(1);
    const events = await portal.eventsOf(user, 'TwoFactorEnabled');
    expect(ofType(events, 'TwoFactorEnabled')[0]?.data.secretId).toBe(
      ofType(events, 'SecretIssued').at(-1)?.data.secretId,
    );
  });

  it('has a key that no username can change: what is scanned holds the secret, the issuer and the account once', async () => {
    const names = [
      'a?secret=JBSWY3DPEHPK3PXP&issuer=Evil',
      'x&secret=AAAA',
      'a:b',
      '%3Fsecret=AAAA',
      '</svg><script>',
      'é #/"',
    ];
    for (const name of names) {
      const user = await (await portal.register({ username: `${name} ${portal.id}` })).signIn();
      const { otpauthUri, manualKey, qrCode } = await user.beginSetUp();
      expect(readQrCode(qrCode)).toBe(otpauthUri);
      expect(qrCode).not.toMatch(/script/i);
      const { searchParams, pathname, host } = new URL(otpauthUri);
      expect([host, [...searchParams.keys()].sort()]).toEqual([
        'totp',
        ['algorithm', 'digits', 'issuer', 'period', 'secret'],
      ]);
      expect(searchParams.get('secret')).toBe(manualKey.replaceAll(' ', ''));
      // a colon would end the issuer
      const account = `${user.credentials.username.replaceAll(':', '：')}@${portal.id}`;
      expect(decodeURIComponent(pathname)).toBe(`/Twinlock:${account}`);
      (await user.api.confirm(user.phone.freshCode())).success();
    }
  });

  it('is not for a Power Reader, nor for who becomes one meanwhile', async () => {
    const user = await portal.contributor();
    await user.beginSetUp();
    (await portal.api.changeAccount(portal.id, user.id, { type: 'power-reader' })).success();
    (await user.api.confirm(user.phone.freshCode())).refused('contributors-only');
    (await user.api.changeAccount(portal.id, user.id, { type: 'contributor' })).refused('forbidden');
    (await user.api.changeAccount(portal.id, user.id, { admin: true })).refused('forbidden');
  });
});
