import type { Api } from '#test/support/calls/client.js';
import { Portal } from '#test/support/people/portal.js';
import { useProduct } from '#test/support/use-stack.js';

const stack = useProduct();

const none = { issuer: null, audience: null, jwksUri: null };
const provider = { issuer: 'https://idp.example', audience: 'twinlock', jwksUri: 'https://idp.example/jwks' };

describe("the portal's identity provider", () => {
  it('R04 is read as it was set last, and is none before that', async () => {
    const portal = await Portal.make(stack);
    expect((await portal.api.sso(portal.id)).success()).toEqual(none);
    (await portal.api.changeSso(portal.id, provider)).success();
    expect((await portal.api.sso(portal.id)).success()).toEqual(provider);
    (await portal.api.changeSso(portal.id, { ...provider, audience: 'portal' })).success();
    expect((await portal.api.sso(portal.id)).success()).toEqual({ ...provider, audience: 'portal' });
  });

  it("R04 is nobody's to read but an administrator's", async () => {
    const portal = await Portal.make(stack);
    const stranger = await Portal.make(stack);
    const callers: [Api, 'unauthenticated' | 'forbidden' | 'not-found'][] = [
      [stack.api, 'unauthenticated'],
      [stack.operator, 'forbidden'],
      [(await portal.contributor()).api, 'forbidden'],
      [await portal.service('challenges', 'commands', 'events', 'accounts', 'erasure'), 'forbidden'],
      [stranger.api, 'not-found'],
    ];
    for (const [api, code] of callers) (await api.sso(portal.id)).refused(code);
  });
});
