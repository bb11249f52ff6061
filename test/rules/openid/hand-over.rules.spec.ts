import { ofType } from '#test/support/events.js';
import { HandBrowser } from '#test/support/people/hand-browser.js';
import { HandingGateway, type SigningAlgorithm } from '#test/support/people/handing-gateway.js';
import { Portal } from '#test/support/people/portal.js';
import { Vouched } from '#test/support/people/vouched.js';
import { until } from '#test/support/until.js';
import { usePortal, useStack } from '#test/support/use-stack.js';

const stack = useStack();
const portal = usePortal(stack);
let gateway: HandingGateway;
beforeAll(async () => {
  gateway = await HandingGateway.open(portal, stack.origin);
});
afterAll(() => gateway?.close());

const [ONE, BOTH] = ['urn:twinlock:acr:1fa', 'urn:twinlock:acr:2fa'];
const browser = (of = gateway) => new HandBrowser(stack.origin, ({ origin }) => origin === of.origin);
/** As a browser opens it. */
async function open(link: string, window = browser()) {
  return window.handedOver(await window.go(link));
}
const sessionsOf = async (person: Vouched, of = portal) =>
  (await of.api.sessionsOf(of.id, person.id)).success().sessions;

describe('a person whom a gateway hands over', () => {
  it('R34 passes the second factor on the page, and the gateway learns it', async () => {
    const person = await Vouched.enrolled(gateway, stack.origin);
    const page = await open(await gateway.handOver(person.name));
    expect(await page.asked()).toMatchObject({
      application: 'The Gateway',
      purpose: 'pass',
      username: person.username,
      needs: 'code',
    });
    expect((await page.complete()).status).toBe(401);
    expect(await page.prove({ code: person.phone.freshCode() })).toMatchObject({ status: 200 });
    const { url } = await page.complete();
    expect(await gateway.learn(url)).toMatchObject({
      sub: person.id,
      acr: BOTH,
      amr: ['otp', 'mfa'],
      nonce: 'a-nonce',
    });
  });

  it.each<SigningAlgorithm>(['EdDSA', 'ES256', 'RS256'])('R34 by a request that is signed with %s', async (alg) => {
    const other = await HandingGateway.open(portal, stack.origin, { alg });
    try {
      const person = await Vouched.register(portal);
      const page = await open(await other.handOver(person.id), browser(other));
      const { acr, auth_time: authTime } = await other.learn((await page.complete()).url);
      expect([acr, Math.abs(Number(authTime) - other.now) <= 60]).toEqual([ONE, true]);
    } finally {
      await other.close();
    }
  });

  it('R34 by a backup code too, and is told when it is wrong', async () => {
    const person = await Vouched.enrolled(gateway, stack.origin);
    const page = await open(await gateway.handOver(person.name));
    expect((await page.prove({ code: person.phone.wrongCode() })).body).toMatchObject({
      code: 'wrong-code',
      attemptsLeft: 4,
    });
    expect((await page.prove({ code: 'twelve' })).body).toMatchObject({ code: 'malformed-code' });
    await page.prove({ backupCode: person.backupCodes[0]! });
    expect(await gateway.learn((await page.complete()).url)).toMatchObject({ acr: BOTH });
    // used is used, at every entrance (R10)
    const again = await open(await gateway.handOver(person.name));
    expect((await again.prove({ backupCode: person.backupCodes[0]! })).body).toMatchObject({ code: 'wrong-code' });
  });

  it('R34 without a second factor comes back with one, where none is required', async () => {
    const person = await Vouched.register(portal);
    const page = await open(await gateway.handOver(person.name));
    expect(await page.asked()).toMatchObject({ needs: null });
    expect(await gateway.learn((await page.complete()).url)).toMatchObject({ acr: ONE, amr: [] });
  });

  it('R34 sets it up, changes and ends it on their own page, and the gateway’s word is the proof', async () => {
    const person = await Vouched.enrolled(gateway, stack.origin);
    const page = await open(await gateway.handOverToManage(person.name));
    expect(await page.asked()).toMatchObject({ purpose: 'manage', needs: 'code' });
    const refused = await page.call<{ needs: string[] }>('/v1/me/two-factor/disable', {});
    expect(refused.body).toMatchObject({ code: 're-authentication-required', needs: ['code'] });
    await page.prove({ code: person.phone.freshCode() });
    expect((await page.call('/v1/me/authenticators')).status).toBe(200);
    expect((await page.call('/v1/me/two-factor/backup-codes', {})).status).toBe(200);
    expect((await page.call('/v1/me/two-factor/disable', {})).body).toMatchObject({ status: 'none' });
    expect(await gateway.learn((await page.complete()).url)).toMatchObject({ acr: ONE });
  });

  it('R14 R34 is asked for again by the gateway when its proof is 10 minutes old', async () => {
    const person = await Vouched.enrolled(gateway, stack.origin);
    const page = await open(await gateway.handOverToManage(person.name));
    stack.clock.advance(10 * 60);
    const { body } = await page.call('/v1/me/two-factor/disable', {});
    expect(body).toMatchObject({ code: 're-authentication-required', needs: ['hand-over', 'code'] });
    expect(await page.asked()).toMatchObject({ needs: 'hand-over' });
    expect((await page.prove({ code: person.phone.freshCode() })).body).toMatchObject({ needs: ['hand-over'] });
    expect((await page.complete()).status).toBe(401);
    expect((await page.cancel()).url.searchParams.get('reason')).toBe('cancelled');
    stack.clock.advance(5 * 60);
  });

  it('R34 does nothing else: no other call, no other page, no session of the console or of an application', async () => {
    const person = await Vouched.enrolled(gateway, stack.origin);
    const window = browser();
    const pass = window.handedOver(await window.go(await gateway.handOver(person.name)));
    await pass.prove({ code: person.phone.freshCode() });
    const token = window.cookie(pass.cookie)!;
    for (const [method, path] of [
      ['GET', '/v1/me'],
      ['GET', '/v1/me/sessions'],
      ['GET', '/v1/me/authenticators'],
      ['POST', '/v1/me/two-factor/disable'],
      ['POST', '/v1/me/password'],
      ['POST', '/v1/me/re-authenticate'],
      ['POST', '/v1/logout'],
      ['GET', `/v1/portals/${portal.id}/accounts`],
    ] as const) {
      const { status, text } = await stack.api.as(token).raw(method, path, method === 'POST' ? {} : undefined);
      expect([path, status, text]).toEqual([path, 403, expect.stringContaining('"forbidden"')]);
    }
    expect((await window.call('/console/api/v1/me')).status).toBe(401);
    await pass.complete();
    expect(window.cookie(pass.cookie)).toBeUndefined();
    expect((await pass.asked()).code).toBe('not-found');
  });

  it('R34 gets no code from their own page before they have passed the second factor', async () => {
    const person = await Vouched.enrolled(gateway, stack.origin);
    const page = await open(await gateway.handOverToManage(person.name));
    expect((await page.complete()).status).toBe(401);
    await page.prove({ code: person.phone.freshCode() });
    expect(await gateway.learn((await page.complete()).url)).toMatchObject({ acr: BOTH });
  });

  it('R34 can do nothing more once the gateway is answered, whether or not it redeems the code', async () => {
    const person = await Vouched.enrolled(gateway, stack.origin);
    const window = browser();
    const page = window.handedOver(await window.go(await gateway.handOverToManage(person.name)));
    await page.prove({ code: person.phone.freshCode() });
    const kept = stack.api.as(window.cookie(page.cookie)!);
    await page.complete();
    (await kept.disable()).refused('session-ended');
  });

  it('R34 whose gateway is removed can do nothing more', async () => {
    const gone = await HandingGateway.open(portal, stack.origin);
    const person = await Vouched.register(portal);
    const page = await open(await gone.handOverToManage(person.name), browser(gone));
    (await stack.operator.removeClient(portal.id, gone.clientId)).success();
    await until('nothing more', async () => (await page.call('/v1/me/two-factor')).status === 401);
    await until('it is over', async () => (await page.asked()).code === 'not-found');
    await gone.close();
  });

  it('R34 is left no session when the gateway has its answer', async () => {
    const person = await Vouched.register(portal);
    const page = await open(await gateway.handOver(person.name));
    expect(await sessionsOf(person)).toMatchObject([{ method: 'hand-over' }]);
    await gateway.learn((await page.complete()).url);
    await until('nothing is left', async () => (await sessionsOf(person)).length === 0);
  });

  it('R34 can turn back', async () => {
    const person = await Vouched.enrolled(gateway, stack.origin);
    const page = await open(await gateway.handOver(person.name));
    const { url } = await page.cancel();
    expect(Object.fromEntries(url.searchParams)).toEqual({
      ...{ error: 'access_denied', reason: 'cancelled', state: 'a-state', iss: gateway.issuer },
    });
    await until('nothing is left', async () => (await sessionsOf(person)).length === 0);
  });

  it('R46 R34 is an event each time, by the person, with the gateway that did it', async () => {
    const person = await Vouched.register(portal);
    await open(await gateway.handOverToManage(`external:${person.externalId}`));
    const [event] = ofType(await portal.events('HandedOver', 1, { account: person.id }), 'HandedOver');
    expect(event).toMatchObject({
      actor: { kind: 'user', id: person.id },
      data: { clientId: gateway.clientId, purpose: 'manage' },
    });
  });
});

describe('a locked or suspended person whom a gateway hands over', () => {
  it.each([
    ['R23 locked', 'account-locked', (person: Vouched): Promise<void> => person.lock(gateway, stack.origin)],
    [
      'R41 suspended',
      'account-suspended',
      async (person: Vouched): Promise<void> => void (await portal.api.suspend(portal.id, person.id)).success(),
    ],
  ] as const)('R34 %s before: is sent back, and the gateway is told why', async (_, reason, act) => {
    const person = await Vouched.enrolled(gateway, stack.origin);
    await act(person);
    const { url } = await browser().go(await gateway.handOver(person.name));
    expect(Object.fromEntries(url.searchParams)).toMatchObject({ error: 'access_denied', reason, state: 'a-state' });
  });

  it('R23 is locked by wrong codes here, as anywhere, and the gateway is told', async () => {
    const person = await Vouched.enrolled(gateway, stack.origin);
    const page = await open(await gateway.handOver(person.name));
    for (let left = 5; left > 1; left -= 1) await page.prove({ code: person.phone.wrongCode() });
    expect((await page.prove({ code: person.phone.wrongCode() })).body).toMatchObject({ code: 'account-locked' });
    await until('the page knows', async () => (await page.asked()).ended === 'account-locked');
    expect((await page.complete()).url.searchParams.get('reason')).toBe('account-locked');
  });

  it.each([
    ['R41', async (person: Vouched): Promise<void> => void (await portal.api.suspend(portal.id, person.id)).success()],
    [
      'R42',
      async (person: Vouched): Promise<void> => void (await portal.api.deleteAccount(portal.id, person.id)).success(),
    ],
    [
      'R44',
      async (person: Vouched): Promise<void> => void (await portal.api.endSessionsOf(portal.id, person.id)).success(),
    ],
  ] as const)('R34 %s between the page and the answer: the code is good for nothing', async (_, act) => {
    const person = await Vouched.enrolled(gateway, stack.origin);
    const page = await open(await gateway.handOver(person.name));
    await page.prove({ code: person.phone.freshCode() });
    const { url } = await page.complete();
    await act(person);
    expect((await gateway.redeem(url.searchParams.get('code')!)).body).toMatchObject({ error: 'invalid_grant' });
  });
});

describe('required 2FA where a gateway hands people over', () => {
  it('R37 begins the time of grace, says so, and after it leads through setting up', async () => {
    const own = await Portal.make(stack, { required: true, graceDays: 1 });
    const other = await HandingGateway.open(own, stack.origin);
    try {
      const person = await Vouched.register(own);
      const first = await open(await other.handOver(person.name), browser(other));
      expect(await first.asked()).toMatchObject({ needs: null, graceEndsAt: expect.any(String) });
      expect(await other.learn((await first.complete()).url)).toMatchObject({ acr: ONE });

      stack.clock.advance(25 * 3_600);
      const second = await open(await other.handOver(person.name), browser(other));
      expect(await second.asked()).toMatchObject({ needs: 'enrolment' });
      expect((await second.complete()).status).toBe(401);
      expect((await second.cancel()).url.searchParams.get('reason')).toBe('enrolment-required');

      // nor by waiting, or by asking for their own page
      const manage = await open(await other.handOverToManage(person.name), browser(other));
      expect((await manage.complete()).status).toBe(401);
      stack.clock.advance(10 * 60);
      expect(await manage.asked()).toMatchObject({ needs: 'hand-over' });
      expect((await manage.complete()).status).toBe(401);
      expect((await manage.cancel()).url.searchParams.get('reason')).toBe('enrolment-required');

      const third = await open(await other.handOver(person.name), browser(other));
      await person.setUpOn(third);
      expect(await other.learn((await third.complete()).url)).toMatchObject({ acr: BOTH });
    } finally {
      await other.close();
    }
  });
});
