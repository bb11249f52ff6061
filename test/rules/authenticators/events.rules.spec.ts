import { randomBytes } from 'node:crypto';
import type { ReadableEvent } from '#libs/contracts/src/events/readable.js';
import { checkStreams, ofType, shortType } from '#test/support/events.js';
import { Portal } from '#test/support/people/portal.js';
import { found, foundInFiles, plainText, type Planted, secretForms } from '#test/support/secrets.js';
import { usePortal, useStack } from '#test/support/use-stack.js';

const stack = useStack({ env: { LOG_LEVEL: 'trace' } });
const portal = usePortal(stack);

const mark = (what: string) => `${what}-${randomBytes(6).toString('hex')}`;
const marks = {
  first: mark('Phone'),
  begun: mark('Begun'),
  second: mark('Tablet'),
  renamed: mark('Old'),
  third: mark('Ring'),
};
const planted: Planted[] = Object.entries(marks).flatMap(([what, text]) => [
  ...plainText(what, text),
  ...plainText(`${what} (Base64)`, Buffer.from(text).toString('base64').slice(0, 14)),
  ...plainText(`${what} (hex)`, Buffer.from(text).toString('hex')),
]);
const nameIn = ({ plain }: ReadableEvent) => plain?.person?.authenticatorName;

/** Somebody who has done with authenticators all that can be done, and still has two. */
async function withAll(own: Portal) {
  const user = await own.contributor();
  const first = await user.addApp(marks.first);
  (await user.api.addTotp(marks.begun)).success();
  const second = await user.addApp(marks.second);
  const [, id] = (await user.authenticatorIds()) as [string, string];
  (await user.api.renameAuthenticator(id, marks.renamed)).success();
  (await user.enterCode(second.freshCode())).success();
  const third = await user.addApp(marks.third);
  (await user.api.removeAuthenticator(id)).success();
  return { user, id, first, second, third };
}

describe('the events of authenticators', () => {
  it('R45 are one for each change, of its owner, with what it was called where the event says so', async () => {
    const { user, id } = await withAll(portal);
    const events = (await portal.eventsOf(user, 'AuthenticatorRemoved')) as ReadableEvent[];
    expect(events.map((event) => [shortType(event), event.data.reason, nameIn(event)])).toEqual([
      ['SecretIssued', 'setup', marks.first],
      ['TwoFactorEnabled', undefined, undefined],
      ['BackupCodesIssued', undefined, undefined],
      ['SecretIssued', 'add', marks.begun],
      ['SecretIssued', 'add', marks.second],
      ['AuthenticatorAdded', undefined, marks.second],
      ['AuthenticatorRenamed', undefined, marks.renamed],
      ['AttemptSucceeded', undefined, undefined],
      ['SecretIssued', 'add', marks.third],
      ['AuthenticatorAdded', undefined, marks.third],
      ['AuthenticatorRemoved', undefined, marks.renamed],
    ]);
    const [added] = ofType(events, 'AuthenticatorAdded');
    const issued = ofType(events, 'SecretIssued').map(({ data }) => data.secretId);
    expect(added?.data).toMatchObject({ authenticatorId: id, kind: 'totp', sessionId: added?.context.sessionId });
    expect(issued[2]).toBe(id);
    for (const type of ['AuthenticatorRenamed', 'AuthenticatorRemoved', 'AttemptSucceeded'] as const)
      expect(ofType(events, type)[0]?.data.authenticatorId).toBe(id);
    for (const event of events.filter((each) => shortType(each).startsWith('Authenticator')))
      expect(event).toMatchObject({ actor: { kind: 'user', id: user.id }, context: { entrance: 'http' } });
  });

  it('R30 no secret, code or name is in what they hold in plain', async () => {
    const { user, first, second, third } = await withAll(portal);
    const events = (await portal.eventsOf(user, 'AuthenticatorRemoved')) as ReadableEvent[];
    const recorded = JSON.stringify(events.map(({ plain: _, ...event }) => event));
    expect(found(planted, recorded)).toEqual([]);
    const secrets = [first, second, third].flatMap(({ base32 }) => secretForms('a secret', base32));
    expect(found(secrets, JSON.stringify(events))).toEqual([]);
    expect(found(secrets, stack.output())).toEqual([]);
    expect(foundInFiles(secrets, await stack.stored())).toEqual([]);
  });

  it('R42 what authenticators are called is nowhere on disk, on a topic, in a log line, an error or a metric', async () => {
    await withAll(portal);
    await portal.allEvents();
    await stack.restart();
    await stack.shutDown();
    await stack.start();
    const stored = await stack.stored();
    expect(foundInFiles(plainText('the portal, so that the search sees into files', portal.id), stored)).not.toEqual(
      [],
    );
    expect(foundInFiles(planted, stored)).toEqual([]);
    expect(found(planted, stack.output())).toEqual([]);
    expect(found(planted, stack.errors().join('\n'))).toEqual([]);
    expect(found(planted, (await stack.api.raw('GET', '/metrics')).text)).toEqual([]);
  });

  it('R42 is gone from the events when the account is deleted, and the chains are whole', async () => {
    const own = await Portal.make(stack);
    const { user } = await withAll(own);
    const before = await own.allEvents();
    (await own.api.deleteAccount(own.id, user.id)).success();
    const after = (await own.allEvents()) as ReadableEvent[];
    checkStreams(after);
    expect(after.length).toBeGreaterThan(before.length);
    const named = after.filter(({ account, type }) => account === user.id && type.startsWith('two-factor.'));
    expect(named.filter((event) => event.personal?.person).length).toBeGreaterThan(5);
    expect(named.filter((event) => nameIn(event) !== undefined)).toEqual([]);
    expect(found(planted, JSON.stringify(after))).toEqual([]);
  });

  it('R29 replayed, they give the same authenticators, names and last steps', async () => {
    const own = await Portal.make(stack);
    const { user, first, second, third } = await withAll(own);
    (await user.enterCode(third.freshCode())).success();
    const before = (await user.api.authenticators()).success();
    expect(before.authenticators.map(({ name }) => name)).toEqual([marks.first, marks.third]);
    const recorded = await own.allEvents();
    await stack.shutDown();
    await stack.run('rebuild');
    await stack.start();
    await own.admin.signIn();
    expect((await user.api.authenticators()).success()).toEqual(before);
    expect(await own.allEvents()).toEqual(expect.arrayContaining(recorded));
    (await user.enterCode(third.codeAt(third.lastShown))).refused('wrong-code');
    (await user.enterCode(second.freshCode())).refused('wrong-code');
    for (const app of [first, third]) (await user.enterCode(app.freshCode())).success();
  });
});
