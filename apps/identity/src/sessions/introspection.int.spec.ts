import { identityRequests } from '#libs/contracts/src/messages/requests.js';
import { openEmbeddedEngine } from '#libs/engine/src/embedded/open.js';
import { context, type IdentityParts, introspectionOf, openIdentityParts, start } from '../testing/identity-parts.js';
import { REQUIREMENTS } from '../enrolment/requirements.js';
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
  const { sessions, engine, clock } = parts;
  const lastSeen = new LastSeen(engine, clock, { warn: () => {} });
  const introspection = introspectionOf(parts, lastSeen);
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

describe('R37 a session that is marked', () => {
  const isLimited = async () => {
    const { engine, clock } = parts;
    const lastSeen = new LastSeen(engine, clock, { warn: () => {} });
    const introspection = introspectionOf(parts, lastSeen);
    const reply = await introspection.introspect({ tokenHash: 't1' });
    await lastSeen.settled();
    if (reply.status !== 'active') throw new Error(`the session is ${reply.status}`);
    return reply.session.enrolmentRequired === true;
  };
  beforeEach(async () => {
    const expiresAt = start + SESSION_LASTS_MS;
    const proof = { passwordAt: start, authenticatorId: null };
    await parts.sessions.add('t1', { ...alice, sessionId: 's1', expiresAt, endedAt: null, method: 'password', proof });
    await parts.requirements.adopt('demo', 'setting', 3, true);
    await parts.sessions.limit(alice, 's1', 1);
  });

  it('is limited where 2FA is required, also while nothing is known of the add-on', async () => {
    expect(await isLimited()).toBe(true);
    await parts.requirements.adopt('demo', 'addOn', 2, true);
    expect(await isLimited()).toBe(true);
  });

  it('is limited also where nothing of the portal is known yet', async () => {
    await parts.engine.records(REQUIREMENTS).clear();
    expect(await isLimited()).toBe(true);
  });

  it('is whole while 2FA is not required, there is no add-on, or it is a Power Reader, and limited while somebody else has set up 2FA', async () => {
    const { requirements, accounts, directory } = parts;
    const type = (to: 'contributor' | 'power-reader') =>
      accounts.execute(alice, context, { type: 'Change', changes: { type: to } } as never);
    await requirements.adopt('demo', 'setting', 4, false);
    expect(await isLimited()).toBe(false);
    // an older event that comes late changes nothing
    await requirements.adopt('demo', 'setting', 3, true);
    expect(await isLimited()).toBe(false);
    await requirements.adopt('demo', 'setting', 5, true);
    await requirements.adopt('demo', 'addOn', 6, false);
    expect(await isLimited()).toBe(false);
    await requirements.adopt('demo', 'addOn', 7, true);
    await type('power-reader');
    expect(await isLimited()).toBe(false);
    await type('contributor');
    expect(await isLimited()).toBe(true);
    await directory.adopt(alice, 3, { enrolment: () => 'enabled' });
    expect(await isLimited()).toBe(true);
  });

  it('is limited until it ends, whatever the clock says', async () => {
    parts.pass(-SESSION_LASTS_MS);
    expect(await isLimited()).toBe(true);
  });
});
