import { EventStream, hashOf, shortType } from '#test/support/events.js';
import { type Person, Portal } from '#test/support/portal.js';
import { usePortal, useStack } from '#test/support/use-stack.js';
import { allEndpoints } from './support/samples.js';

const stack = useStack();
const portal = usePortal(stack);

const typesOf = async (user: Person) =>
  (await portal.allEvents()).filter(({ account }) => account === user.id).map(shortType);

describe('events', () => {
  it('are removed and changed by nobody: no path of theirs has a method but GET (Keycloak #45303)', async () => {
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

  it('show any change by their hash: of each member, of one letter, and of the order', async () => {
    const user = await portal.enrolled();
    await user.lock();
    for (const event of await portal.eventsOf(user, 'AccountLocked')) {
      expect(hashOf(event)).toBe(event.hash);
      const altered = [
        { ...event, id: `${event.id}0` },
        { ...event, type: event.type.replace('v1', 'v2') },
        { ...event, time: event.time.replace('Z', '0Z') },
        { ...event, portal: `${event.portal}x` },
        { ...event, account: 'another' },
        { ...event, actor: { ...event.actor, kind: 'operator' as const } },
        { ...event, data: { ...event.data, more: 1 } },
        { ...event, streamVersion: event.streamVersion + 1 },
        { ...event, previousHash: event.previousHash.replace(/^./, (c) => (c === '0' ? '1' : '0')) },
      ];
      for (const other of altered) expect(hashOf(other)).not.toBe(event.hash);
    }
  });
});

describe('who reads events', () => {
  const never = () => false;
  const stream = (token: string) => EventStream.open(`${stack.origin}/v1/portals/${portal.id}/events/stream`, token);

  it('stops when the token ends: by logout, by revocation, by the loss of the right', async () => {
    const [leaving, demoted] = [await portal.register({ admin: true }), await portal.register({ admin: true })];
    await leaving.signIn();
    await demoted.signIn();
    const service = await portal.serviceToken('events');
    const tokens = [leaving.token as string, demoted.token as string, service.token];
    const ends = (await Promise.all(tokens.map(stream))).map((open) =>
      open.until(never).then(String, (error: Error) => error.message),
    );
    (await leaving.api.logout()).success();
    (await portal.api.changeAccount(portal.id, demoted.id, { admin: false })).success();
    (await stack.operator.revokeServiceToken(portal.id, service.id)).success();
    for (const end of await Promise.all(ends)) expect(end).toMatch(/^the stream ended after \d+ events$/);
  });

  it('gets no formula into a spreadsheet: no cell of the export begins with one', async () => {
    const own = await Portal.make(stack);
    const formulas = ['=HYPERLINK("https://evil.example")', '+1+1', '-1+1', '@SUM(1)', '\u0009=1', '=cmd|calc!A0'];
    for (const text of formulas) {
      const { id } = (
        await own.api.register(own.id, {
          username: text,
          displayName: text,
          password: 'long enough',
          type: 'contributor',
        })
      ).success();
      (await own.api.changeAccount(own.id, id, { ssoSubject: text })).success();
    }
    await own.allEvents();
    const { text } = await own.api.raw('GET', `/v1/portals/${own.id}/events/export?format=csv`);
    expect(text).toContain('HYPERLINK');
    const cells = [...text.matchAll(/(?:^|,|\n|\r)(?:"((?:[^"]|"")*)"|([^",\r\n]*))/g)].map(
      ([, quoted, bare]) => quoted ?? bare ?? '',
    );
    expect(cells.length).toBeGreaterThan(formulas.length * 8);
    expect(cells.filter((cell) => /^[=+\-@\t\r]/.test(cell))).toEqual([]);
  });
});

describe('the log (SnuK87/keycloak-kafka #69)', () => {
  it('has no event for what did not happen: a refused request leaves none', async () => {
    const user = await portal.enrolled();
    const passed = await user.challenge();
    (await stack.api.sendCode(passed, { code: user.phone.freshCode() })).success();
    const gateway = await portal.service('challenges');
    const atGateway = await user.challengeAt(gateway);
    const challenge = await user.challenge();
    const before = await typesOf(user);

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
    expect(await typesOf(user)).toEqual(before);
  });

  it('has each event of what did happen, once and in order', async () => {
    const user = await portal.enrolled();
    const { phone } = user;
    const { password } = user.credentials;
    (await user.enterCode(phone.wrongCode())).refused('wrong-code');
    (await user.enterCode(phone.freshCode())).success();
    (await user.enterBackupCode(user.backupCodes[0] as string)).success();
    (await user.api.reAuthenticate({ password, code: phone.freshCode() })).success();
    (await user.api.newBackupCodes()).success();
    await user.lock();
    (await portal.api.unlock(portal.id, user.id)).success();
    await user.signIn();
    (await user.api.reset()).success();
    (await portal.api.disableFor(portal.id, user.id)).success();
    const events = await portal.allEvents();
    const types = events
      .filter(({ account, type }) => account === user.id && type.startsWith('two-factor.'))
      .map(shortType);
    expect(types).toEqual([
      ...['SecretIssued', 'TwoFactorEnabled', 'BackupCodesIssued'],
      ...['AttemptFailed', 'AttemptSucceeded', 'AttemptSucceeded', 'BackupCodeUsed', 'AttemptSucceeded'],
      'BackupCodesIssued',
      ...Array.from({ length: 5 }, () => 'AttemptFailed'),
      ...['AccountLocked', 'UserUnlocked', 'AttemptSucceeded', 'SecretIssued', 'TwoFactorDisabled'],
    ]);
  });

  it('is not filled from outside: what is sent to a locked account, or for a challenge that is none, is not written', async () => {
    const user = await portal.enrolled();
    const challenge = await user.challenge();
    await user.lock();
    const before = (await portal.allEvents()).length;
    for (let i = 0; i < 30; i += 1) {
      (await stack.api.sendCode(challenge, { code: user.phone.wrongCode() })).refused('account-locked');
      (await stack.api.sendCode(`${challenge.slice(0, -4)}AAAA`, { code: '000000' })).refused('challenge-ended');
      await stack.api.login({ portal: `p-${i}`, username: 'nobody', password: 'x' });
    }
    expect(await portal.allEvents()).toHaveLength(before);
  });
});
