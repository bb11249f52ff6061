import { useProduct, usePortal, useStack } from '#test/support/use-stack.js';
import { Portal } from '#test/support/people/portal.js';
import { until } from '#test/support/until.js';

describe('the service tokens of a portal', () => {
  const stack = useProduct();
  const portal = usePortal(stack);
  const listed = async () => (await portal.api.serviceTokens(portal.id)).success().serviceTokens;

  it('R33 are listed without the tokens, the oldest first, with what they may and when they were used', async () => {
    const first = await portal.serviceToken('challenges', 'accounts');
    const second = await portal.serviceToken('events');
    (await stack.api.as(second.token).events(portal.id)).success();
    const tokens = await until('the use is noted', async () => {
      const found = await listed();
      return found[1]?.lastUsedAt !== undefined && found;
    });
    expect(tokens).toMatchObject([
      { id: first.id, name: 'test', scopes: ['challenges', 'accounts'], publicKey: false },
      { id: second.id, scopes: ['events'] },
    ]);
    expect(tokens[0]).not.toHaveProperty('lastUsedAt');
    expect(new Date(tokens[1]!.lastUsedAt!).getMinutes()).toBe(0);
    expect(JSON.stringify(tokens)).not.toContain('svc_');
    (await stack.operator.revokeServiceToken(portal.id, first.id)).success();
    expect((await stack.operator.serviceTokens(portal.id)).success().serviceTokens.map(({ id }) => id)).toEqual([
      second.id,
    ]);
  });

  it('R33 come page by page, and are shown to their portal alone', async () => {
    const own = await Portal.make(stack);
    const ids: string[] = [];
    for (let made = 0; made < 3; made++) ids.push((await own.serviceToken('events')).id);
    const { serviceTokens, next } = (await own.api.serviceTokens(own.id, { limit: 2 })).success();
    const rest = (await own.api.serviceTokens(own.id, { limit: 2, after: next! })).success();
    expect([...serviceTokens, ...rest.serviceTokens].map(({ id }) => id)).toEqual(ids);
    expect(rest.next).toBeNull();
    (await portal.api.serviceTokens(own.id)).refused('not-found');
    (await (await portal.contributor()).api.serviceTokens(portal.id)).refused('forbidden');
    (await own.api.serviceTokens(own.id, { after: 'nobody' })).refused('malformed-request');
  });
});

describe('a service token that expires', () => {
  const stack = useStack();
  const portal = usePortal(stack);

  it('R33 opens nothing from then on, is told with its end, and does not begin in the past', async () => {
    const expiresAt = new Date(stack.clock.now() + 60_000).toISOString();
    const body = { name: 'for a while', scopes: ['events' as const] };
    const { id, token } = (await stack.operator.issueServiceToken(portal.id, { ...body, expiresAt })).success();
    expect((await portal.api.serviceTokens(portal.id)).success().serviceTokens).toMatchObject([{ id, expiresAt }]);
    (await stack.api.as(token).events(portal.id)).success();
    stack.clock.advance(61);
    await until(
      'the token has expired',
      async () => (await stack.api.as(token).events(portal.id)).code === 'unauthenticated',
    );
    (await stack.operator.issueServiceToken(portal.id, { ...body, expiresAt })).refused('malformed-request');
  });
});
