import { ofType, shortType } from '#test/support/events.js';
import { type Person, Portal } from '#test/support/people/portal.js';
import { fromBase32 } from '#test/support/people/authenticator.js';
import { usePortal, useProduct } from '#test/support/use-stack.js';

const stack = useProduct();
const portal = usePortal(stack);

const listOf = async (user: Person) => (await user.api.authenticators()).success().authenticators;
const namesOf = async (user: Person) => (await listOf(user)).map(({ name }) => name);
const near = (time: string | undefined) => Math.abs(Date.parse(time ?? '') - stack.clock.now());

describe('the authenticators of an account', () => {
  it('R45 are none at first, then those that were confirmed, in the order in which they were added', async () => {
    const user = await portal.contributor();
    expect(await listOf(user)).toEqual([]);
    await user.enrol();
    await user.addApp('Tablet');
    await user.addApp('Work phone');
    const listed = await listOf(user);
    expect(listed.map(({ kind, name }) => [kind, name])).toEqual([
      ['totp', 'Authenticator app'],
      ['totp', 'Tablet'],
      ['totp', 'Work phone'],
    ]);
    expect(new Set(listed.map(({ id }) => id)).size).toBe(3);
    const added = listed.map(({ addedAt }) => addedAt);
    expect(added).toEqual([...added].sort());
    expect(near(added[2])).toBeLessThan(10_000);
  });

  it('R45 each tells when it was last used, a backup code none of them', async () => {
    const user = await portal.enrolled();
    const tablet = await user.addApp('Tablet');
    const before = await listOf(user);
    for (const { addedAt, lastUsedAt } of before) expect(lastUsedAt).toBe(addedAt);
    stack.clock.minutes(3);
    (await user.enterBackupCode(user.backupCodes[0]!)).success();
    expect(await listOf(user)).toEqual(before);
    (await user.enterCode(tablet.freshCode())).success();
    const [first, second] = await listOf(user);
    expect(first).toEqual(before[0]);
    expect(near(second?.lastUsedAt)).toBeLessThan(10_000);
    expect({ ...second, lastUsedAt: before[1]?.lastUsedAt }).toEqual(before[1]);
    (await user.enterCode(user.phone.wrongCode())).refused('wrong-code');
    expect(await listOf(user)).toEqual([first, second]);
  });

  it('R09 are shown while 2FA is off for the portal, none is added or removed then', async () => {
    const own = await Portal.make(stack);
    const user = await own.enrolled();
    await user.addApp('Tablet');
    const before = await listOf(user);
    await own.set({ enabled: false });
    expect(await listOf(user)).toEqual(before);
    (await user.api.addTotp('Third')).refused('portal-off');
    (await user.api.confirmTotp('000000')).refused('portal-off');
    (await user.api.removeAuthenticator(before[0]!.id)).refused('portal-off');
  });
});

describe('adding one more', () => {
  it('R45 starts with a secret of its own, as any app can read it, and changes nothing until a code of it came', async () => {
    const user = await portal.enrolled();
    const before = await listOf(user);
    const setup = (await user.api.addTotp('Tablet')).success();
    const parameters = new URL(setup.otpauthUri).searchParams;
    expect(Object.fromEntries(['algorithm', 'digits', 'period'].map((name) => [name, parameters.get(name)]))).toEqual({
      algorithm: 'SHA1',
      digits: '6',
      period: '30',
    });
    expect(fromBase32(setup.manualKey)).toHaveLength(20);
    expect(setup.manualKey.replaceAll(' ', '')).not.toBe(user.phone.base32);
    expect(setup.qrCode).toMatch(/^data:image\/svg\+xml;base64,/);
    expect(await listOf(user)).toEqual(before);
    expect((await user.api.myTwoFactor()).success()).toMatchObject({ status: 'enabled', backupCodesLeft: 10 });
    (await user.enterCode(user.phone.freshCode())).success();
  });

  it('R45 a second beginning ends the first', async () => {
    const user = await portal.enrolled();
    const first = (await user.api.addTotp('One')).success();
    const second = (await user.api.addTotp('Other')).success();
    expect(second.otpauthUri).not.toBe(first.otpauthUri);
    (await user.api.confirmTotp('000000', first.setupId)).refused('no-pending-setup');
    expect(await namesOf(user)).toEqual(['Authenticator app']);
    const tablet = await user.addApp('Third');
    expect(await namesOf(user)).toEqual(['Authenticator app', 'Third']);
    (await user.api.confirmTotp(tablet.freshCode())).refused('no-pending-setup');
  });

  it('R45 leaves backup codes, sessions and open challenges as they are', async () => {
    const user = await portal.enrolled();
    const [other, challenge] = [await user.secondSession(), await user.challenge()];
    const tablet = await user.addApp('Tablet');
    (await stack.api.as(other).me()).success();
    expect((await user.api.myTwoFactor()).success().backupCodesLeft).toBe(10);
    (await stack.api.sendCode(challenge, { code: tablet.freshCode() })).success();
    (await user.enterBackupCode(user.backupCodes[9]!)).success();
  });

  it('R06 ten wrong codes end it; they lock nobody and leave the others', async () => {
    const user = await portal.enrolled();
    const { otpauthUri, setupId } = (await user.api.addTotp('Tablet')).success();
    // of the phone: right for login, wrong here
    for (let left = 9; left >= 0; left -= 1) {
      const answer = await user.api.confirmTotp(user.phone.currentCode(), setupId);
      expect(answer.refused('wrong-code')).toMatchObject({ attemptsLeft: left });
    }
    (await user.api.confirmTotp('000000', setupId)).refused('no-pending-setup');
    expect(await namesOf(user)).toEqual(['Authenticator app']);
    expect(otpauthUri).toContain('secret=');
    (await user.enterCode(user.phone.freshCode())).success();
    const events = ofType(await portal.eventsOf(user, 'SetupFailed'), 'SetupFailed');
    expect(events).toMatchObject([{ data: { failedConfirmations: 10 } }]);
  });

  it('R45 three are the most; room is made by removing one', async () => {
    const user = await portal.enrolled();
    await user.addApp('Two');
    await user.addApp('Three');
    (await user.api.addTotp('Four')).refused('authenticator-limit');
    (await user.api.confirmTotp('000000')).refused('no-pending-setup');
    (await user.api.removeAuthenticator((await user.authenticatorIds())[1]!)).success();
    await user.addApp('Four');
    expect(await namesOf(user)).toEqual(['Authenticator app', 'Three', 'Four']);
    (await user.api.addTotp('Five')).refused('authenticator-limit');
  });

  it('R14 asks for a fresh proof, and so does confirming it; the limit comes before', async () => {
    const user = await portal.enrolled();
    (await user.api.addTotp('Tablet')).success();
    stack.clock.minutes(11);
    const both = ['password', 'code'];
    expect((await user.api.addTotp('Tablet')).refused('re-authentication-required').needs).toEqual(both);
    expect((await user.api.confirmTotp('000000')).refused('re-authentication-required').needs).toEqual(both);
    await user.reAuthenticate();
    await user.addApp('Two');
    await user.addApp('Three');
    stack.clock.minutes(11);
    (await user.api.addTotp('Four')).refused('authenticator-limit');
  });

  it('R08 is for Contributors alone', async () => {
    const { api } = await portal.powerReader();
    (await api.addTotp('Tablet')).refused('contributors-only');
    (await api.confirmTotp('000000')).refused('contributors-only');
    expect((await api.authenticators()).success().authenticators).toEqual([]);
  });
});

describe('the first one', () => {
  it('R45 is added by the same call: it makes 2FA active, and the answer has backup codes', async () => {
    const user = await portal.contributor();
    const { setupId } = (await user.api.addTotp('My phone')).success();
    expect((await user.api.myTwoFactor()).success().status).toBe('pending');
    expect(await listOf(user)).toEqual([]);
    expect((await user.enterPassword()).success().status).toBe('complete');
    const phone = await user.addApp('My phone');
    (await user.api.confirmTotp('000000', setupId)).refused('no-pending-setup');
    expect(user.backupCodes).toHaveLength(10);
    expect(await namesOf(user)).toEqual(['My phone']);
    expect((await user.api.myTwoFactor()).success()).toMatchObject({ status: 'enabled', backupCodesLeft: 10 });
    (await user.enterCode(phone.freshCode())).success();
    (await user.enterBackupCode(user.backupCodes[0]!)).success();
    const events = await portal.eventsOf(user, 'BackupCodesIssued');
    expect(events.map(shortType).slice(0, 4)).toEqual([
      'SecretIssued',
      'SecretIssued',
      'TwoFactorEnabled',
      'BackupCodesIssued',
    ]);
  });

  it('R45 that is pending is confirmed by either call', async () => {
    const [one, other] = [await portal.contributor(), await portal.contributor()];
    one.scan((await one.api.addTotp('My phone')).success().otpauthUri);
    expect((await one.api.confirm(one.phone.freshCode())).success().backupCodes).toHaveLength(10);
    expect(await namesOf(one)).toEqual(['My phone']);
    await other.beginSetUp();
    expect((await other.api.confirmTotp(other.phone.freshCode())).success().backupCodes).toHaveLength(10);
    expect(await namesOf(other)).toEqual(['Authenticator app']);
  });

  it('R45 is what the calls before are about: they set up none beside it', async () => {
    const user = await portal.enrolled();
    const { otpauthUri } = (await user.api.addTotp('Tablet')).success();
    (await user.api.setUp()).refused('already-enabled');
    const tablet = user.scan(otpauthUri);
    (await user.api.confirm(tablet.freshCode())).refused('no-pending-setup');
    expect((await user.api.confirmTotp(tablet.freshCode())).success()).toEqual({ status: 'enabled' });
  });
});

describe('what an authenticator is called', () => {
  it('R45 is changed by its owner at any time, and nothing else of it', async () => {
    const user = await portal.enrolled();
    await user.addApp('Tablet');
    const [first, second] = await listOf(user);
    stack.clock.minutes(11);
    const renamed = (await user.api.renameAuthenticator(second!.id, 'Old tablet')).success();
    expect(renamed).toEqual({ ...second, name: 'Old tablet' });
    (await user.api.renameAuthenticator(first!.id, 'Old tablet')).success();
    expect(await listOf(user)).toEqual([{ ...first, name: 'Old tablet' }, renamed]);
  });

  it.each(['x', 'Zoë’s 📱', '😀'.repeat(32), 'x'.repeat(64), '  Tablet  '])('R50 may be %s', async (name) => {
    const user = await portal.enrolled();
    await user.addApp(name);
    expect(await namesOf(user)).toEqual(['Authenticator app', name.trim()]);
  });

  it.each([
    ['nothing', ''],
    ['white space', ' \u3000 '],
    ['65 characters', 'x'.repeat(65)],
    ['a control character', 'Tab\nlet'],
    ['an override', 'Tab\u202elet'],
    ['a space without width', 'Tab\u200blet'],
    ['a tag', 'Tab\u{e0061}let'],
    ['half a surrogate pair', 'Tab\ud800let'],
    ['a number', 7],
    ['null', null],
  ])('R50 is not %s', async (_, name) => {
    const user = await portal.enrolled();
    const [id] = await user.authenticatorIds();
    for (const answer of [await user.api.addTotp(name), await user.api.renameAuthenticator(id!, name)]) {
      expect(answer.refused('malformed-request').errors).toMatchObject([{ field: 'name' }]);
    }
    expect(await namesOf(user)).toEqual(['Authenticator app']);
  });

  it('R50 is the one member of the body', async () => {
    const user = await portal.contributor();
    const add = async (body: unknown) => (await user.api.raw('POST', '/v1/me/authenticators/totp', body)).status;
    expect(await add({})).toBe(400);
    expect(await add({ name: 'Tablet', secret: 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ' })).toBe(400);
    expect(await add({ name: 'Tablet', digits: 8 })).toBe(400);
    expect((await user.api.myTwoFactor()).success().status).toBe('none');
  });
});

describe('an id', () => {
  it("R45 that is not the caller's is not found: another account's, another portal's, a pending one's, an unknown one", async () => {
    const user = await portal.enrolled();
    const [other, foreigner] = [await portal.enrolled(), await (await Portal.make(stack)).enrolled()];
    const { setupId } = (await user.api.addTotp('Tablet')).success();
    const ids = [...(await other.authenticatorIds()), ...(await foreigner.authenticatorIds()), setupId, 'unknown'];
    const told = new Set<unknown>();
    for (const id of ids) {
      for (const answer of [await user.api.renameAuthenticator(id, 'Mine'), await user.api.removeAuthenticator(id)]) {
        const { requestId: _, ...problem } = answer.refused('not-found');
        told.add(JSON.stringify(problem));
      }
    }
    expect(told.size).toBe(1);
    for (const person of [other, foreigner]) {
      expect(await namesOf(person)).toEqual(['Authenticator app']);
      (await person.enterCode(person.phone.freshCode())).success();
    }
  });

  it('R50 that is none is bad input', async () => {
    const user = await portal.enrolled();
    for (const id of ['x'.repeat(129), 'a%20b', '%00', 'a%2Fb', '%F0%9F%93%B1']) {
      (await user.api.renameAuthenticator(id, 'Mine')).refused('malformed-request');
      (await user.api.removeAuthenticator(id)).refused('malformed-request');
    }
  });
});
