import { aContext } from '#libs/contracts/src/testing/contexts.js';
import { adminPolicyRequests } from '#libs/contracts/src/messages/requests.js';
import type { Requests } from '#libs/messaging/src/requests.js';
import { ServiceTokens } from './service-tokens.js';

const active = { status: 'active', tokenId: 't1', portal: 'demo', scopes: ['events'] };

/** Replies by the hash of the token that is asked for; what was asked. */
function asking(replies: Record<string, unknown>) {
  const asked: unknown[][] = [];
  const send = async (...question: unknown[]) => {
    asked.push(question);
    return replies[(question[1] as { tokenHash: string }).tokenHash] ?? { status: 'unknown' };
  };
  return { tokens: new ServiceTokens({ send } as unknown as Requests), asked };
}

describe('a service token', () => {
  const context = aContext();

  it('is asked for by its hash, in the request that it came with', async () => {
    const { tokens, asked } = asking({ h1: active });
    expect(await tokens.find('h1', context)).toEqual({
      kind: 'service',
      tokenId: 't1',
      portal: 'demo',
      scopes: ['events'],
    });
    expect(asked).toEqual([[adminPolicyRequests.introspectServiceToken, { tokenHash: 'h1' }, context]]);
  });

  it("is nobody's if it is unknown, and another one is asked for by itself", async () => {
    const { tokens, asked } = asking({ h1: active });
    await tokens.find('h1', context);
    expect(await tokens.find('h2', context)).toBeNull();
    expect(asked.map(([, question]) => question)).toEqual([{ tokenHash: 'h1' }, { tokenHash: 'h2' }]);
  });

  it('R33 that was revoked is good for nothing, whatever is answered later', async () => {
    const { tokens } = asking({ h1: active });
    await tokens.find('h1', context);
    tokens.revoke('t1');
    expect(await tokens.find('h1', context)).toBeNull();
  });
});
