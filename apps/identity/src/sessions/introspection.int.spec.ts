import { identityRequests } from '#libs/contracts/src/messages/requests.js';
import { openEmbeddedEngine } from '#libs/engine/src/embedded/open.js';
import { type IdentityParts, openIdentityParts, start } from '../testing/identity-parts.js';
import { IntrospectionController } from './introspection.controller.js';
import { LastSeen } from './last-seen.js';
import { type Proof, SESSION_LASTS_MS } from './session-store.js';

const alice = { portal: 'demo', accountId: 'a1' };

let parts: IdentityParts;
beforeEach(async () => {
  parts = await openIdentityParts(openEmbeddedEngine);
  await parts.register(alice, 'alice');
});
afterEach(() => parts.close());

/** What is told of a session with that proof, as it goes over the bus. */
async function toldOf(proof: Proof) {
  const { sessions, accounts, portals, requirements, directory, engine, clock } = parts;
  const lastSeen = new LastSeen(engine, clock, { warn: () => {} });
  const introspection = new IntrospectionController(
    sessions,
    accounts,
    portals,
    lastSeen,
    requirements,
    directory,
    clock,
  );
  const expiresAt = start + SESSION_LASTS_MS;
  await sessions.add('t1', { ...alice, sessionId: 's1', expiresAt, endedAt: null, method: 'password', proof });
  const reply = JSON.parse(JSON.stringify(await introspection.introspect({ tokenHash: 't1' }))) as unknown;
  return identityRequests.introspectSession.reply.parse(reply);
}
const passwordAt = new Date(start).toISOString();

it.each(['k1', null])('a session tells what it has proved: the password and %s', async (authenticatorId) => {
  expect(await toldOf({ passwordAt: start, authenticatorId })).toMatchObject({
    status: 'active',
    session: { sessionId: 's1', proof: { passwordAt, authenticatorId } },
  });
});

it('R14 a session that an earlier release began goes on; a code is asked again where one is needed', async () => {
  expect(await toldOf({ passwordAt: start })).toMatchObject({
    status: 'active',
    session: { proof: { passwordAt, authenticatorId: null } },
  });
});
