import { endpoints } from '#libs/contracts/src/http/endpoints.js';
import { routeTable } from '#libs/platform/src/http/routes.js';
import { fieldsOf, pageCalls } from './page-calls.js';

/** A name that a field with a credential of the product could have. */
const letsIn = /token|clientSecret|challenge|session|cookie|password|credential|bearer|jwt|hash|authori[sz]ation/i;
/** What is shown once, for somebody else, and where. */
const handedOn: Readonly<Record<string, string>> = {
  issueServiceToken: 'token',
  registerClient: 'clientSecret',
  issueLoginToken: 'token',
};
const ofPage = new Set(pageCalls.map(({ endpoint }) => endpoint));

describe('the calls of the page', () => {
  it.each(pageCalls.map((call) => [call.endpoint.operationId, call] as const))(
    '%s answers with nothing that lets anybody in, but for what is made to be handed on',
    (operationId, { endpoint, kept }) => {
      const left = [...fieldsOf(endpoint.reply, 'output')].filter((field) => !kept.some((name) => name === field));
      // events hold a hash of themselves, and ids where others have tokens; where a browser goes on is for it to know
      const harmless =
        /^(authorizationUrl|hasClientSecret|hasPassword|serviceTokens|previousHash|hash|sessionId|challengeId|sessions)$/;
      const expected = operationId in handedOn ? [handedOn[operationId]] : [];
      expect(left.filter((field) => letsIn.test(field) && !harmless.test(field))).toEqual(expected);
    },
  );

  it('hand on what programs have to the operator alone, and a login token to who has just proved who they are', () => {
    const handing = pageCalls.filter(({ endpoint }) => endpoint.operationId in handedOn);
    for (const call of handing) expect(call).toMatchObject({ kept: [], restored: [], streams: false });
    expect(handing.map(({ endpoint: { operationId, allow, proof } }) => [operationId, allow, proof])).toEqual([
      ['issueLoginToken', ['administrator'], 'always'],
      ['issueServiceToken', ['operator'], 'never'],
      ['registerClient', ['operator'], 'never'],
    ]);
  });

  it('move tokens and challenges into cookies, at the top of an answer where they are looked for', () => {
    const moved = pageCalls.filter(({ kept }) => kept.length > 0);
    expect(moved.map(({ endpoint, kept }) => [endpoint.operationId, kept])).toEqual([
      ['login', ['accessToken', 'challenge', 'browserToken']],
      ['loginWithCode', ['accessToken', 'browserToken']],
      ['loginWithToken', ['accessToken', 'browserToken']],
      ['loginWithSso', ['accessToken', 'browserToken']],
      ['startSsoLogin', ['ssoLogin']],
      ['completeSsoLogin', ['accessToken', 'browserToken']],
    ]);
    const now = new Date().toISOString();
    for (const { endpoint } of moved) {
      const begun = { authorizationUrl: 'https://idp.example', ssoLogin: 's', expiresAt: now };
      const complete = { status: 'complete', accessToken: 'a', expiresAt: now };
      const answer = endpoint.operationId === 'startSsoLogin' ? begun : complete;
      expect(endpoint.reply.safeParse(answer).success).toBe(true);
    }
    expect(pageCalls.filter(({ restored }) => restored.length > 0).map(({ endpoint }) => endpoint.operationId)).toEqual(
      ['login', 'loginWithCode', 'completeSsoLogin'],
    );
  });

  it('are not those of services, and of the operator only what has a screen', () => {
    const left = endpoints.filter((endpoint) => !ofPage.has(endpoint)).map(({ operationId }) => operationId);
    expect(left.sort()).toEqual([
      'importAccounts',
      'listSigningKeys',
      'openChallenge',
      'registerBatch',
      'rotateSigningKeys',
      'verifyChallenge',
    ]);
  });

  it('have no path that leads to another call', () => {
    const routes = routeTable(
      pageCalls.map(({ endpoint }) => endpoint),
      ({ operationId }) => operationId,
    );
    for (const endpoint of endpoints) {
      const path = endpoint.path.replaceAll(/:(\w+)/g, 'some-$1');
      expect([path, routes.find(endpoint.method, path)]).toEqual([
        path,
        ofPage.has(endpoint) ? endpoint.operationId : undefined,
      ]);
    }
  });
});
