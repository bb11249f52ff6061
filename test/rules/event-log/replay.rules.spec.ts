import { allEndpoints } from '#test/support/calls/samples.js';
import { byStream, checkOldestFirst, checkStreams, ofType, shortType } from '#test/support/events.js';
import { Portal } from '#test/support/people/portal.js';
import { found, textAndHashes } from '#test/support/secrets.js';
import { until } from '#test/support/until.js';
import { useStack } from '#test/support/use-stack.js';

const stack = useStack();

describe('the event log', () => {
  it("R29 has an event for every change of an account's second factor, and for nothing else", async () => {
    const portal = await Portal.make(stack);
    const user = await portal.contributor();
    await user.beginSetUp();
    (await user.api.confirm('12345')).refused('malformed-code');
    (await user.api.confirm(user.phone.wrongCode())).refused('wrong-code');
    (await user.api.confirm(user.phone.freshCode())).success();
    (await user.api.setUp()).refused('already-enabled');
    (await user.enterCode(user.phone.wrongCode())).refused('wrong-code');
    (await user.enterCode(user.phone.freshCode())).success();
    const { backupCodes } = (await user.api.newBackupCodes()).success();
    (await user.enterBackupCode(backupCodes[0] as string)).success();
    const { password } = user.credentials;
    (await user.api.reAuthenticate({ password, code: user.phone.freshCode() })).success();
    (await user.api.reset()).success();
    (await user.api.disable()).success();
    (await user.api.disable()).refused('two-factor-not-enabled');
    await user.enrol();
    await user.fail(4);
    (await user.fail(1)).refused('account-locked');
    (await portal.api.unlock(portal.id, user.id)).success();
    (await portal.api.unlock(portal.id, user.id)).refused('not-locked');
    (await portal.api.disableFor(portal.id, user.id)).success();

    const events = (await portal.allEvents()).filter(({ type }) => type.startsWith('two-factor.'));
    const names = events.map(shortType);
    expect(names).toEqual([
      'SecretIssued',
      'ConfirmationFailed',
      'TwoFactorEnabled',
      'BackupCodesIssued',
      'AttemptFailed',
      'AttemptSucceeded',
      'BackupCodesIssued',
      'AttemptSucceeded',
      'BackupCodeUsed',
      'AttemptSucceeded',
      'SecretIssued',
      'TwoFactorDisabled',
      'SecretIssued',
      'TwoFactorEnabled',
      'BackupCodesIssued',
      ...Array<string>(5).fill('AttemptFailed'),
      'AccountLocked',
      'UserUnlocked',
      'TwoFactorDisabled',
    ]);
  });

  it('R29 has no event for what did not happen: a refused request leaves none (SnuK87/keycloak-kafka #69)', async () => {
    const portal = await Portal.make(stack);
    const user = await portal.enrolled();
    const passed = await user.challenge();
    (await stack.api.sendCode(passed, { code: user.phone.freshCode() })).success();
    const gateway = await portal.service('challenges');
    const atGateway = await user.challengeAt(gateway);
    const challenge = await user.challenge();
    const recorded = async () => (await portal.allEvents()).filter(({ account }) => account === user.id).map(shortType);
    const before = await recorded();

    (await stack.api.sendCode(challenge, { code: '12345' })).refused('malformed-code');
    (await stack.api.sendCode(passed, { code: user.phone.wrongCode() })).refused('challenge-ended');
    (await stack.api.sendCode(atGateway, { code: user.phone.wrongCode() })).refused('challenge-ended');
    (await gateway.verifyChallenge(challenge, { code: user.phone.wrongCode() })).refused('challenge-ended');
    (await user.api.setUp()).refused('already-enabled');
    (await user.api.confirm('000000')).refused('no-pending-setup');
    (await portal.api.unlock(portal.id, user.id)).refused('not-locked');
    (await user.api.unlock(portal.id, user.id)).refused('forbidden');
    (await user.api.disableFor(portal.id, user.id)).refused('forbidden');
    (await stack.operator.disableFor(portal.id, user.id)).refused('forbidden');
    (await portal.api.changeAccount(portal.id, user.id, { nothing: 1 })).refused('malformed-request');
    stack.clock.advance(601);
    (await user.api.disable()).refused('re-authentication-required');
    (await user.api.reset()).refused('re-authentication-required');
    (await user.api.newBackupCodes()).refused('re-authentication-required');
    expect(await recorded()).toEqual(before);
  });

  it('R29 has the changes of accounts and portals too', async () => {
    const portal = await Portal.make(stack);
    const user = await portal.register();
    (await portal.api.changeAccount(portal.id, user.id, { displayName: 'Al', type: 'power-reader' })).success();
    (await portal.api.changeAccount(portal.id, user.id, { type: 'contributor', admin: true })).success();
    (await portal.api.changeAccount(portal.id, user.id, { admin: false })).success();
    await user.enterWrongPassword();
    await user.signIn();
    (await user.api.changePassword({ current: user.credentials.password, new: 'another password' })).success();
    (await user.api.logout()).success();
    (await user.api.me()).refused('session-ended');

    const events = await portal.allEvents();
    const ofAccount = events.filter(({ account }) => account === user.id).map(shortType);
    expect(ofAccount).toEqual([
      'AccountRegistered',
      'AccountChanged',
      'AccountChanged',
      'LoginFailed',
      'LoginSucceeded',
      'PasswordChanged',
      'LoggedOut',
    ]);
    const ofPortal = events.filter(({ account }) => account === undefined).map(shortType);
    expect(ofPortal).toEqual(
      expect.arrayContaining([
        'PortalCreated',
        'AddOnGranted',
        'SettingsChanged',
        'AdministratorAppointed',
        'AdministratorRemoved',
      ]),
    );
    const changed = events.find((event) => event.account === user.id && shortType(event) === 'AccountChanged');
    expect(changed).toMatchObject({
      actor: { kind: 'administrator', id: portal.admin.id },
      data: { type: { from: 'contributor', to: 'power-reader' }, changed: ['displayName'] },
      plain: { person: { username: user.credentials.username, displayName: 'Al' } },
    });
  });

  it('R29 is added to alone: no path of events has a method but GET (Keycloak #45303)', async () => {
    const portal = await Portal.make(stack);
    const paths = allEndpoints.filter(({ path }) => path.includes('/events'));
    expect(paths.map(({ method }) => method)).toEqual(['GET', 'GET', 'GET']);

    await portal.enrolled();
    const before = await portal.allEvents();
    const { id } = before[0]!;
    const everything = await portal.service('challenges', 'commands', 'events');
    const there = `/v1/portals/${portal.id}/events`;
    for (const api of [portal.api, stack.operator, everything]) {
      for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'PURGE', 'COPY', 'MOVE', 'PROPPATCH']) {
        for (const path of [
          there,
          `${there}/${id}`,
          `${there}/stream`,
          `${there}/export`,
          `${there}?account=${portal.admin.id}`,
        ]) {
          const { status } = await api.raw(method, path, method === 'DELETE' ? undefined : { ...before[0], data: {} });
          expect([method, path, status]).toEqual([method, path, path.endsWith(id) ? 404 : 405]);
        }
      }
    }
    const after = await portal.allEvents();
    expect(after.slice(0, before.length)).toEqual(before);
    expect(after.slice(before.length).map(shortType)).toEqual(['ServiceTokenIssued']);
  });
});

describe('the present state', () => {
  let replayed: Portal;

  it('R29 is the same when every projection is deleted and the log replayed', async () => {
    const portal = await Portal.make(stack, { maxFailedAttempts: 6 });
    const [pending, enabled, locked, reader, disabled] = [
      await portal.contributor(),
      await portal.enrolled(),
      await portal.enrolled(),
      await portal.enrolled(),
      await portal.enrolled(),
    ];
    await pending.beginSetUp();
    const used = enabled.phone.freshCode();
    (await enabled.enterCode(used)).success();
    (await enabled.enterBackupCode(enabled.backupCodes[0] as string)).success();
    (await enabled.fail(2)).refused('wrong-code');
    await locked.lock();
    (await portal.api.changeAccount(portal.id, reader.id, { type: 'power-reader', displayName: 'Reader' })).success();
    (await portal.api.disableFor(portal.id, disabled.id)).success();
    const promoted = await portal.register({ admin: true });
    (await portal.api.changeProfile(portal.id, { displayName: 'Acme', issuer: 'Acme VPN', language: 'de' })).success();
    const without = await Portal.make(stack, { enabled: false });
    (await stack.operator.revokeAddOn(without.id)).success();

    const picture = async () => ({
      portals: (await stack.operator.portals({ limit: 200 })).success(),
      settings: [(await portal.api.settings(portal.id)).success(), (await without.api.settings(without.id)).success()],
      profile: (await portal.api.profile(portal.id)).success(),
      face: (await stack.api.portalProfile(portal.id)).success(),
      accounts: (await portal.api.accounts(portal.id, { limit: 200 })).success(),
      lists: await Promise.all(
        [{ twoFactor: 'none' }, { twoFactor: 'enabled' }, { status: 'locked' }, { sort: '-lastLoginAt' }].map(
          async (query) => (await portal.api.accounts(portal.id, query)).success(),
        ),
      ),
      summary: (await portal.api.twoFactorSummary(portal.id)).success(),
      search: (await portal.api.accounts(portal.id, { query: enabled.credentials.username.slice(0, 14) })).success(),
      mine: await Promise.all([pending, enabled, reader].map(async ({ api }) => (await api.myTwoFactor()).success())),
      events: byStream(await portal.allEvents()),
    });
    await until('lists know of all', async () => {
      const { enabled: having, pending: beginning, locked: barred } = (await picture()).summary;
      return having === 2 && beginning === 1 && barred === 1;
    });
    const before = await picture();
    await stack.shutDown();
    await stack.run('rebuild');
    await stack.start();
    expect(await picture()).toEqual(before);
    replayed = portal;

    // and what no picture shows: used codes, counts, passwords, sessions, administrators
    (await enabled.enterCode(used)).refused('wrong-code');
    expect((await enabled.enterBackupCode(enabled.backupCodes[0] as string)).refused('wrong-code')).toMatchObject({
      attemptsLeft: 2,
    });
    (await enabled.enterCode(enabled.phone.freshCode())).success();
    (await locked.enterPassword()).refused('account-locked');
    (await pending.api.confirm(pending.phone.freshCode())).success();
    expect((await reader.enterPassword()).success().status).toBe('complete');
    expect((await disabled.enterPassword()).success().status).toBe('complete');
    await promoted.signIn();
    (await promoted.api.settings(portal.id)).success();
    const taken = { username: enabled.credentials.username, password: 'whatever it is', type: 'contributor' };
    (await portal.api.register(portal.id, taken)).refused('username-taken');
  });

  it('R29 has the oldest events first, and whole streams, after the replay as before', async () => {
    const events = await replayed.allEvents();
    expect(events.length).toBeGreaterThan(50);
    checkStreams(events);
    checkOldestFirst(events, 0);
  });
});

describe('what a log from outside could be filled with', () => {
  it('R30 a failed login names an existing account or nothing', async () => {
    const own = await Portal.make(stack);
    const user = await own.register();
    (await user.enterWrongPassword()).refused('invalid-credentials');
    const nobody = { portal: own.id, username: 'planted-nobody', password: 'whatever' };
    (await stack.api.login(nobody)).refused('invalid-credentials');
    const events = await own.allEvents();
    const [known, unknown] = [ofType(events, 'LoginFailed'), ofType(events, 'UnknownLoginFailed')];
    expect(known).toMatchObject([{ account: user.id, data: { reason: 'wrong-password' } }]);
    for (const event of unknown) expect(event).not.toHaveProperty('account');
    expect(found(textAndHashes('the name', 'planted-nobody'), JSON.stringify(events))).toEqual([]);
  });

  it('R30 refusals while locked are counted in metrics, not written to the log', async () => {
    const own = await Portal.make(stack);
    const user = await own.enrolled();
    const [challenge, loginToken] = [await user.challenge(), await own.loginToken(user)];
    await user.lock();
    const before = await own.allEvents();
    const countedBefore = await counted(/locked/);
    for (let i = 0; i < 20; i += 1)
      (await stack.api.sendCode(challenge, { code: user.phone.wrongCode() })).refused('account-locked');
    const forged = `${challenge.slice(0, -4)}AAAA`;
    for (let i = 0; i < 20; i += 1) {
      (await stack.api.sendCode(forged, { code: '000000' })).refused('challenge-ended');
      await stack.api.login({ portal: `p-${i}`, username: 'nobody', password: 'x' });
    }
    for (let i = 0; i < 5; i += 1) (await user.enterPassword()).refused('account-locked');
    (await stack.api.loginWithToken(own.id, loginToken)).refused('account-locked');
    expect(await own.allEvents()).toEqual(before);
    expect(await counted(/locked/)).toBeGreaterThanOrEqual(countedBefore + 26);
  });

  it('R30 floods are counted in metrics, not written to the log', async () => {
    const own = await Portal.make(stack);
    const user = await own.register();
    const address = stack.api.from('127.9.9.9');
    for (let i = 0; i < 5; i += 1) (await user.enterWrongPassword(address)).refused('invalid-credentials');
    const before = await own.allEvents();
    const countedBefore = await counted(/throttled|too-many/);
    for (let i = 0; i < 30; i += 1) (await user.enterWrongPassword(address)).refused('too-many-attempts');
    expect(await own.allEvents()).toEqual(before);
    expect(await counted(/throttled|too-many/)).toBeGreaterThanOrEqual(countedBefore + 30);
  });
});

/** The sum of the counters whose name or labels say so. */
async function counted(what: RegExp): Promise<number> {
  const { text } = await stack.api.raw('GET', '/metrics');
  const counters = text.split('\n').filter((line) => /^\w+_total\b/.test(line) && what.test(line));
  return counters.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
}
