import type { Endpoint } from '#libs/contracts/src/http/endpoint.js';
import { allEndpoints, callOf, type Named, sampleOf } from '#test/support/calls/samples.js';
import type { Api } from '#test/support/calls/client.js';
import type { RawAnswer } from '#test/support/calls/http.js';
import type { Person, Settings } from '#test/support/people/portal.js';
import { IdentityProvider } from '#test/support/people/sso.js';
import { usePortal, useProduct } from '#test/support/use-stack.js';

const stack = useProduct();
const theirs = usePortal(stack);
const mine = usePortal(stack);
let victim: Person;
let there: Named;
let strangers: Record<string, Api>;
let settings: Settings;
const nowhere: Named = {
  portal: 'p-0000000000000000',
  account: 'nobody',
  token: 'no-such-token',
  session: 'no-such-session',
};

beforeAll(async () => {
  victim = await theirs.enrolled();
  settings = await theirs.settings();
  const { id } = await theirs.serviceToken('challenges');
  const [session] = (await victim.api.mySessions()).success().sessions;
  there = { portal: theirs.id, account: victim.id, token: id, session: session!.id };
  strangers = {
    administrator: mine.api,
    'service token': await mine.service('challenges', 'commands', 'events', 'accounts'),
    'user with 2FA': (await mine.enrolled()).api,
  };
});

/** What the caller can see of an answer, with the ids of the request made alike. */
function seen({ status, headers, text }: RawAnswer, named: Named) {
  const { date: _, 'x-request-id': requestId, ...rest } = headers;
  const ids = [...Object.values(named), String(requestId)];
  const alike = ids.reduce<string>((body, id) => body.replaceAll(id, '<id>'), text);
  return { status, headers: rest, text: alike };
}

async function call(api: Api, endpoint: Endpoint, named: Named) {
  const { method, path, body } = sampleOf(endpoint, named);
  return seen(await api.raw(method, path, body), named);
}

const ofPortal = allEndpoints.filter(({ path, allow }) => path.includes('/:portal') && !allow.includes('public'));
const ofSomething = ofPortal.filter(({ path }) => /\/:(account|token|session)\b/.test(path));

describe("another portal's ids are as if they did not exist (any multi-tenant system)", () => {
  it.each(ofPortal.map((endpoint) => [callOf(endpoint), endpoint] as const))('%s', async (_, endpoint) => {
    for (const [who, api] of Object.entries(strangers)) {
      const [foreign, unknown] = [await call(api, endpoint, there), await call(api, endpoint, nowhere)];
      expect([who, foreign.status, JSON.parse(foreign.text).code]).toEqual([who, 404, 'not-found']);
      expect(foreign).toEqual(unknown);
    }
  });

  it.each(ofSomething.map((endpoint) => [callOf(endpoint), endpoint] as const))(
    "%s, also under one's own portal, for the operator too",
    async (_, endpoint) => {
      const [foreign, unknown] = [
        { ...there, portal: mine.id },
        { ...nowhere, portal: mine.id },
      ];
      let found = 0;
      for (const [who, api] of Object.entries({ ...strangers, operator: stack.operator })) {
        const answer = await call(api, endpoint, foreign);
        expect(answer).toEqual(await call(api, endpoint, unknown));
        expect([who, [403, 404].includes(answer.status)]).toEqual([who, true]);
        found += Number(answer.status === 404);
      }
      expect(found).toBeGreaterThan(0);
    },
  );

  it('left nothing behind there: settings, accounts, tokens and events are as they were', async () => {
    expect(await theirs.settings()).toEqual(settings);
    expect((await victim.api.mySessions()).success().sessions).toHaveLength(1);
    expect((await theirs.api.accounts(theirs.id)).success().accounts).toHaveLength(2);
    (await victim.enterCode(victim.phone.freshCode())).success();
    const events = await theirs.readEvents();
    expect(events.filter(({ actor }) => actor.kind === 'service')).toEqual([]);
    expect(events.filter(({ actor }) => actor.id === mine.admin.id)).toEqual([]);
  });
});

describe('what a body, a query or a token names of another portal', () => {
  it('an account: a gateway opens no challenge for it', async () => {
    const gateway = await mine.service('challenges');
    const { requestId: _, ...foreign } = (await gateway.openChallenge(mine.id, victim.id)).refused('not-found');
    expect((await gateway.openChallenge(mine.id, 'nobody')).refused('not-found')).toMatchObject(foreign);
  });

  it('a challenge: passes at no gateway of another portal, and counts nothing', async () => {
    const own = await theirs.service('challenges');
    const challenge = await victim.challengeAt(own);
    const gateway = await mine.service('challenges');
    for (let i = 0; i < 6; i += 1) {
      (await gateway.verifyChallenge(challenge, { code: victim.phone.wrongCode() })).refused('challenge-ended');
    }
    (await own.verifyChallenge(challenge, { code: victim.phone.freshCode() })).success();
  });

  it('an account, a place in the log: questions about events find nothing', async () => {
    const page = (await mine.api.events(mine.id, { account: victim.id })).success();
    expect(page).toEqual({ events: [], next: null });
    const next = (await theirs.api.events(theirs.id, { limit: 2 })).success().next as string;
    const after = await mine.api.events(mine.id, { after: next });
    if (after.code === null) {
      expect(after.success().events.filter(({ portal }) => portal !== mine.id)).toEqual([]);
    } else after.refused('malformed-request');
    (await mine.api.accounts(mine.id, { query: victim.credentials.username })).success().accounts.forEach(() => {
      throw new Error('an account of another portal was found');
    });
  });

  it('a name and password, a login token, an ID token: log in nowhere else', async () => {
    const { username, password } = victim.credentials;
    (await stack.api.login({ portal: mine.id, username, password })).refused('invalid-credentials');
    const token = await theirs.loginToken(victim);
    (await stack.api.loginWithToken(mine.id, token)).refused('invalid-credentials');
    (await stack.api.loginWithToken(theirs.id, token)).success();

    const provider = await IdentityProvider.start();
    try {
      await provider.serve(theirs, victim);
      const idToken = await provider.idToken(victim);
      (await stack.api.loginWithSso(mine.id, idToken)).refused('invalid-credentials');
      await provider.serve(mine, await mine.register());
      (await stack.api.loginWithSso(mine.id, idToken)).refused('invalid-credentials');
      (await stack.api.loginWithSso(theirs.id, idToken)).success();
    } finally {
      await provider.stop();
    }
  });

  it('a username: the same one is another account in each portal', async () => {
    const username = `same-${mine.id}`;
    const [a, b] = [await mine.register({ username }), await theirs.register({ username })];
    await b.signIn();
    await b.enrol();
    await b.lock();
    expect((await a.enterPassword()).success().status).toBe('complete');
    (await stack.api.login({ portal: mine.id, ...b.credentials })).refused('invalid-credentials');
  });
});
