import { randomBytes, randomUUID } from 'node:crypto';
import type { ReadableEvent } from '#libs/contracts/src/events/readable.js';
import { newAddress } from '#test/support/calls/http.js';
import { shortType } from '#test/support/events.js';
import { foundInFiles, found, plainText, type Planted } from '#test/support/secrets.js';
import { usePortal, useStack } from '#test/support/use-stack.js';

const stack = useStack({ env: { LOG_LEVEL: 'trace' } });
const portal = usePortal(stack);

const mark = (what: string) => `${what}-${randomBytes(6).toString('hex')}`;
const agent = mark('agent');
const address = newAddress();
const marks = {
  username: mark('user'),
  displayName: mark('Name'),
  email: `${mark('mail')}@example.org`,
  ssoSubject: mark('subject'),
  agent,
  address,
};
const planted: Planted[] = Object.entries(marks).flatMap(([what, text]) => [
  ...plainText(what, text),
  ...plainText(`${what} (Base64)`, Buffer.from(text).toString('base64').slice(0, 14)),
  ...plainText(`${what} (hex)`, Buffer.from(text).toString('hex')),
]);

/** As somebody at that address, with that browser, in a request of that id. */
const from = (id?: string) =>
  stack.api.from(address).with({ 'user-agent': agent, ...(id !== undefined && { 'x-request-id': id }) });

const readable = (events: readonly object[], type: string): ReadableEvent[] =>
  (events as ReadableEvent[]).filter((event) => shortType(event) === type);

describe('where an event comes from', () => {
  it('R46 is told by the id of the request, which every answer names', async () => {
    const user = await portal.register();
    const id = randomUUID();
    const answer = await from(id).login({ portal: portal.id, ...user.credentials });
    expect(answer.headers['x-request-id']).toBe(id);
    const [event] = readable(await portal.events('LoginSucceeded', 1, { account: user.id }), 'LoginSucceeded');
    expect(event).toMatchObject({
      context: { correlationId: id, entrance: 'http', sessionId: event?.data.sessionId },
      plain: { origin: { address, userAgent: agent } },
    });
  });

  it('R46 an id that is none is replaced, and a problem names it too', async () => {
    const answer = await from('no id').login({ portal: portal.id, username: 'nobody', password: 'long enough' });
    const { requestId } = answer.refused('invalid-credentials');
    expect(requestId).toMatch(/^[0-9a-f-]{36}$/);
    expect(answer.headers['x-request-id']).toBe(requestId);
    const { headers, text } = await stack.api.raw('GET', '/nowhere', undefined, { 'x-request-id': 'no id' });
    expect(JSON.parse(text)).toMatchObject({ code: 'not-found', requestId: headers['x-request-id'] });
  });

  it('R46 joins an attempt, its login and its lock by equal fields', async () => {
    const user = await portal.enrolled();
    const challenge = await user.challenge();
    const id = randomUUID();
    (await from(id).sendCode(challenge, { code: user.phone.freshCode() })).success();
    const events = await portal.events('LoginSucceeded', 2, { account: user.id });
    const joined = (events as ReadableEvent[]).filter(({ context }) => context.correlationId === id);
    expect(joined.map(shortType).sort()).toEqual(['AttemptSucceeded', 'LoginSucceeded']);
    expect(new Set(joined.map(({ context }) => context.challengeId)).size).toBe(1);
    expect(joined[0]?.context.challengeId).toEqual(expect.any(String));

    await user.lock();
    const after = await portal.events('AccountLocked', 1, { account: user.id });
    const [locked] = readable(after, 'AccountLocked');
    const failed = readable(after, 'AttemptFailed').filter(
      ({ context }) => context.correlationId === locked?.context.correlationId,
    );
    expect(failed).toHaveLength(1);
    expect(failed[0]?.context).toEqual(locked?.context);
  });

  it('R46 of a failed login with an unknown name is told, the name is not', async () => {
    const id = randomUUID();
    const username = mark('nobody');
    (await from(id).login({ portal: portal.id, username, password: 'long enough' })).refused('invalid-credentials');
    const events = readable(await portal.events('UnknownLoginFailed', 2), 'UnknownLoginFailed');
    const event = events.find(({ context }) => context.correlationId === id);
    expect(event).toMatchObject({ data: {}, plain: { origin: { address } } });
    expect(JSON.stringify(event)).not.toContain(username);
  });
});

describe("where a gateway's user is", () => {
  it('R46 stands in the events of the challenge as the gateway has told it', async () => {
    const user = await portal.enrolled();
    const gateway = await portal.service('challenges');
    const client = { address: '2001:db8::7', userAgent: mark('phone') };
    const opened = (await gateway.openChallenge(portal.id, user.id, client)).success();
    const { challenge } = opened as { challenge: string };
    (await gateway.verifyChallenge(challenge, { code: user.phone.freshCode() })).success();
    const events = readable(await portal.eventsOf(user, 'AttemptSucceeded', 1), 'AttemptSucceeded');
    expect(events.at(-1)).toMatchObject({
      actor: { kind: 'service' },
      plain: { origin: { ...client, toldBy: 'gateway' } },
    });
    const path = `/v1/portals/${portal.id}/challenges`;
    for (const bad of [{ address: 'localhost' }, { userAgent: '' }, { userAgent: 'x'.repeat(513) }, { more: 1 }]) {
      const { status } = await gateway.raw('POST', path, { accountId: user.id, client: bad });
      expect(status).toBe(400);
    }
  });
});

describe('what is personal', () => {
  const provider = { issuer: 'https://idp.example', audience: 'a', jwksUri: 'https://idp.example/jwks' };
  beforeAll(async () => {
    const { username, displayName, email, ssoSubject } = marks;
    const user = await portal.register({ username, displayName, email });
    (await portal.api.changeSso(portal.id, provider)).success();
    (await portal.api.changeAccount(portal.id, user.id, { ssoSubject })).success();
    (await from().login({ portal: portal.id, ...user.credentials })).success();
    (await from().login({ portal: portal.id, username, password: 'not the one' })).refused('invalid-credentials');
    (await from().login({ portal: portal.id, username: mark('nobody'), password: 'not' })).refused(
      'invalid-credentials',
    );
    await portal.allEvents();
    await stack.restart();
    await stack.shutDown();
    await stack.start();
  });

  it('R42 is shown to whoever may read it', async () => {
    const { agent: _, address: __, ...person } = marks;
    const { text } = await portal.api.raw('GET', `/v1/portals/${portal.id}/events/export?format=ndjson`);
    const events = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as ReadableEvent);
    const changed = events.filter((event) => event.type === 'identity.account-changed.v2').at(-1);
    expect(changed?.plain?.person).toEqual({ ...person, ssoIssuer: provider.issuer });
    const found = (await portal.api.accounts(portal.id, { query: marks.displayName.toUpperCase() })).success();
    expect(found.accounts.map((account) => account.username)).toEqual([marks.username]);
  });

  it('R42 is nowhere on disk and on no topic but sealed', async () => {
    const stored = await stack.stored();
    expect(foundInFiles(plainText('the portal, so that the search sees into files', portal.id), stored)).not.toEqual(
      [],
    );
    expect(foundInFiles(planted, stored)).toEqual([]);
  });

  it('R42 is in no log line, no metric and no error', async () => {
    expect(stack.output().split('\n').length).toBeGreaterThan(10);
    expect(found(planted, stack.output())).toEqual([]);
    expect(found(planted, (await stack.api.raw('GET', '/metrics')).text)).toEqual([]);
    expect(found(planted, stack.errors().join('\n'))).toEqual([]);
  });
});
