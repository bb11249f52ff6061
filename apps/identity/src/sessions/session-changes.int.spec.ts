import { aContext } from '#libs/contracts/src/testing/contexts.js';
import { openEmbeddedEngine } from '#libs/engine/src/embedded/open.js';
import { type IdentityParts, openIdentityParts, start } from '../testing/identity-parts.js';
import type { SessionChange } from './session-changes.js';

const alice = { portal: 'demo', accountId: 'a1' };
const own = { ...alice, sessionId: 's1', tokenHash: 't1' };
const proof = { passwordAt: start + 5, authenticatorId: 'k1' };
const logOut: SessionChange = { kind: 'log-out' };
const end: SessionChange = { kind: 'end' };
const reAuthentication: SessionChange = { kind: 're-authentication', secondFactor: true, proof };

let parts: IdentityParts;
beforeEach(async () => {
  parts = await openIdentityParts(openEmbeddedEngine);
  await parts.register(alice, 'alice');
  await parts.sessions.add('t1', {
    ...alice,
    sessionId: 's1',
    expiresAt: start + 1_000_000,
    endedAt: null,
    method: 'password',
    proof: { passwordAt: null, authenticatorId: null },
  });
});
afterEach(() => parts.close());

const make = (change: SessionChange) => parts.sessionChanges.make(own, change, aContext());
const recorded = async () =>
  (await parts.engine.log.read('demo/a1')).flatMap(({ events }) => events.map(({ name }) => name)).slice(1);
const notes = () => parts.engine.records('session-changes').list({});
const sweepLater = async () => {
  parts.pass(60_001);
  await parts.sessionChanges.finishAll();
};
/** From now on nothing can be appended, as after a crash. @returns what ends it */
function crashBeforeEvent(): () => void {
  const append = parts.engine.log.append.bind(parts.engine.log);
  parts.engine.log.append = () => Promise.reject(new Error('killed'));
  return () => (parts.engine.log.append = append);
}

test('a change is made, recorded once, and leaves no note', async () => {
  await make(reAuthentication);
  expect(await parts.sessions.find('t1')).toMatchObject({ proof, endedAt: null });
  await make(logOut);
  expect(await parts.sessions.find('t1')).toMatchObject({ endedAt: start });
  await sweepLater();
  expect([await recorded(), await notes()]).toEqual([['ReAuthenticated', 'LoggedOut'], []]);
});

test.each([logOut, end, reAuthentication])('of a session that has ended nothing is recorded: $kind', async (change) => {
  await parts.sessions.endAll(alice);
  await expect(make(change)).rejects.toMatchObject({ code: 'session-ended' });
  await sweepLater();
  expect([await recorded(), await notes()]).toEqual([[], []]);
});

test.each([
  [logOut, 'LoggedOut'],
  [end, 'SessionEnded'],
  [reAuthentication, 'ReAuthenticated'],
] as const)('a crash before the event: the event follows, once: $kind', async (change, event) => {
  const restart = crashBeforeEvent();
  await expect(make(change)).rejects.toThrow();
  restart();
  expect(await notes()).toHaveLength(1);
  await parts.sessionChanges.finishAll();
  expect(await recorded()).toEqual([]);
  await sweepLater();
  await sweepLater();
  expect([await recorded(), await notes()]).toEqual([[event], []]);
});

test('a crash after the event: it is not recorded again', async () => {
  const records = parts.engine.records('session-changes');
  await make(logOut);
  const { lastChange = '' } = (await parts.sessions.find('t1')) ?? {};
  const note = { at: start, sessionId: 's1', tokenHash: 't1', change: logOut, correlationId: 'correlation' };
  await records.put(['demo', 'a1', lastChange], note);
  await sweepLater();
  expect([await recorded(), await notes()]).toEqual([['LoggedOut'], []]);
});

test.each([logOut, end, reAuthentication])('a crash before the change: there is no event: $kind', async (change) => {
  const note = { at: start, sessionId: 's1', tokenHash: 't1', change, correlationId: 'correlation' };
  await parts.engine.records('session-changes').put(['demo', 'a1', 'never made'], note);
  await sweepLater();
  expect([await recorded(), await notes()]).toEqual([[], []]);
  expect(await parts.sessions.find('t1')).toMatchObject({ endedAt: null, proof: { passwordAt: null } });
});
