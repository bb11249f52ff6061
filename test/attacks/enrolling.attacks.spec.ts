import { allEndpoints, callOf, type Named, sampleOf } from '#test/support/calls/samples.js';
import type { Person } from '#test/support/people/portal.js';
import { usePortal, useStack } from '#test/support/use-stack.js';

const stack = useStack();
const portal = usePortal(stack);
let admin: Person;
let named: Named;

/** A session of an administrator that can only set up 2FA. */
beforeAll(async () => {
  const person = await portal.enrolled();
  const [session] = (await person.api.mySessions()).success().sessions;
  const { id: token } = await portal.serviceToken('challenges');
  named = { portal: portal.id, account: person.id, token, session: session!.id };
  admin = await portal.register({ admin: true });
  await portal.admin.enrol();
  await portal.set({ required: true, graceDays: 0 });
  await admin.signIn();
});

/** Said here and not by the contracts: a call that is added later is to be refused. */
const allowed = [
  'GET /v1/me',
  'GET /v1/me/two-factor',
  'POST /v1/me/re-authenticate',
  'POST /v1/me/two-factor/setup',
  'POST /v1/me/two-factor/confirm',
  'POST /v1/logout',
];
const guarded = allEndpoints.filter(({ allow }) => !allow.includes('public'));

describe('a session that may only set up 2FA', () => {
  it.each(
    guarded
      .filter((endpoint) => !allowed.includes(`${endpoint.method} ${endpoint.path}`))
      .map((each) => [callOf(each), each] as const),
  )('is refused %s', async (_, endpoint) => {
    const { method, path, body } = sampleOf(endpoint, named);
    const answer = await admin.api.raw(method, path, body);
    expect([answer.status, (JSON.parse(answer.text) as { code: string }).code]).toEqual([403, 'enrolment-required']);
  });

  it('is told nothing of the portal by the calls that it may make', async () => {
    (await admin.api.me()).success();
    expect((await admin.api.myTwoFactor()).success().status).toBe('none');
  });

  it('gets no other session by a second login, by many at once, or by setting up and giving up', async () => {
    const logins = await Promise.all(Array.from({ length: 10 }, () => admin.enterPassword()));
    expect(logins.map((login) => login.success().status)).toEqual(Array(10).fill('enrolment-required'));
    await admin.beginSetUp();
    (await admin.api.disable()).refused('enrolment-required');
    (await admin.api.accounts(portal.id)).refused('enrolment-required');
  });

  it('does not begin a second time of grace by logins at the same moment', async () => {
    await portal.set({ graceDays: 7 });
    const person = await portal.register();
    const gateway = await portal.service('challenges');
    const [logins, challenges] = await Promise.all([
      Promise.all(Array.from({ length: 8 }, () => person.enterPassword())),
      Promise.all(Array.from({ length: 8 }, () => gateway.openChallenge(portal.id, person.id))),
    ]);
    const ends = [...logins, ...challenges].map((answer) => {
      const { enrolment } = answer.success() as { enrolment?: { graceEndsAt: string } };
      return enrolment?.graceEndsAt;
    });
    expect(new Set(ends).size).toBe(1);
    const begun = (await portal.eventsOf(person, 'GraceBegan')).filter(({ type }) => type.includes('grace-began'));
    expect(begun).toHaveLength(1);
  });
});
