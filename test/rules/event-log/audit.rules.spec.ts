import {
  checkOldestFirst,
  checkStreams,
  EventStream,
  hashOf,
  shortType,
  streamOf,
  typeOf,
} from '#test/support/events.js';
import { Portal } from '#test/support/people/portal.js';
import { until, withinASecond } from '#test/support/until.js';
import { useStack } from '#test/support/use-stack.js';

const stack = useStack();

/** A little of everything, partly at the same moment. */
async function live(portal: Portal) {
  const users = [await portal.enrolled(), await portal.enrolled(), await portal.enrolled()];
  const challenges = await Promise.all(users.map((user) => user.challenge()));
  await Promise.all(
    users.flatMap((user, i) =>
      Array.from({ length: 4 }, () => stack.api.sendCode(challenges[i] as string, { code: user.phone.wrongCode() })),
    ),
  );
  for (const user of users) (await user.enterCode(user.phone.freshCode())).success();
  await users[0]?.lock();
  return users;
}

describe("the audit's streams", () => {
  it('R31 hold each event once, in order, chained by hashes that anyone can check', async () => {
    const portal = await Portal.make(stack);
    const users = await live(portal);
    const answered = performance.now();
    const events = await portal.allEvents();
    const waitedMs = performance.now() - answered;
    checkStreams(events);
    checkOldestFirst(events, waitedMs);
    expect(new Set(events.map(streamOf))).toEqual(
      new Set([
        `identity:${portal.id}/`,
        `admin-policy:${portal.id}/`,
        ...[...users, portal.admin].map(({ id }) => `identity:${portal.id}/${id}`),
        ...users.map(({ id }) => `two-factor:${portal.id}/${id}`),
      ]),
    );
    expect(events.filter((event) => shortType(event) === 'AttemptFailed')).toHaveLength(3 * 4 + 5);
    expect(new Set(events.map(({ portal: of }) => of))).toEqual(new Set([portal.id]));
  });

  it('R31 show when an event was changed, removed, put in or moved', async () => {
    const portal = await Portal.make(stack);
    await live(portal);
    const events = await portal.allEvents();
    const at = events.findIndex((event) => shortType(event) === 'AttemptFailed');
    const event = events[at] as (typeof events)[number];
    const spoiled = [
      events.toSpliced(at, 1),
      events.toSpliced(at, 0, event),
      events.toSpliced(at, 1, { ...event, data: { ...event.data, failedAttempts: 0 } }),
      events.toSpliced(at, 1, { ...event, actor: { kind: 'operator' } }),
      [...events].reverse(),
    ];
    checkStreams(events);
    for (const log of spoiled) expect(() => checkStreams(log)).toThrow();
  });

  it('R31 show any change by their hash: of each member, of one letter, and of the order', async () => {
    const portal = await Portal.make(stack);
    const user = await portal.enrolled();
    await user.lock();
    for (const event of await portal.eventsOf(user, 'AccountLocked')) {
      expect(hashOf(event)).toBe(event.hash);
      const altered = [
        { ...event, id: `${event.id}0` },
        { ...event, type: event.type.replace('v1', 'v2') },
        { ...event, time: event.time.replace('Z', '0Z') },
        { ...event, portal: `${event.portal}x` },
        { ...event, account: 'another' },
        { ...event, actor: { ...event.actor, kind: 'operator' as const } },
        { ...event, data: { ...event.data, more: 1 } },
        { ...event, streamVersion: event.streamVersion + 1 },
        { ...event, previousHash: event.previousHash.replace(/^./, (c) => (c === '0' ? '1' : '0')) },
      ];
      for (const other of altered) expect(hashOf(other)).not.toBe(event.hash);
    }
  });

  it('R31 have an event within a second of the answer that it belongs to', async () => {
    const portal = await Portal.make(stack);
    const user = await portal.enrolled();
    for (const failures of [1, 2, 3]) {
      await user.fail(1);
      await withinASecond('the event can be read', async () => {
        const { events } = (await portal.api.events(portal.id, { account: user.id })).success();
        return events.filter((event) => shortType(event) === 'AttemptFailed').length === failures;
      });
    }
  });

  it('R31 are complete when the process was killed again and again under load', async () => {
    const portal = await Portal.make(stack, { maxFailedAttempts: 100 });
    const user = await portal.enrolled();
    const challenge = await user.challenge();
    let answered = 0;
    for (let round = 1; round <= 3; round += 1) {
      let killed: Promise<void> | undefined;
      const guess = async () => {
        (await stack.api.sendCode(challenge, { code: user.phone.wrongCode() })).refused('wrong-code');
        answered += 1;
        if (answered >= round * 10) killed ??= stack.kill();
      };
      await Promise.allSettled(Array.from({ length: 30 }, guess));
      await killed;
      await stack.start();
    }
    const last = (await user.fail(1)).refused('wrong-code').attemptsLeft as number;
    const events = await until('the last event can be read', async () => {
      const all = await portal.readEvents();
      const failures = all.filter((event) => shortType(event) === 'AttemptFailed');
      return failures.at(-1)?.data.failedAttempts === 100 - last && all;
    });
    checkStreams(events);
    expect((await stack.run('verify')).stdout).toMatch(/^The logs are intact\.$/m);
    expect(100 - last).toBeGreaterThan(answered);
  });

  it('R31 are read page by page, by account, by type and by time', async () => {
    const portal = await Portal.make(stack);
    const [user] = await live(portal);
    const all = await portal.allEvents();
    const paged = [];
    for (let after: string | null | undefined; after !== null;) {
      const page = (await portal.api.events(portal.id, { limit: 7, ...(after !== undefined && { after }) })).success();
      expect(page.events.length).toBeLessThanOrEqual(7);
      paged.push(...page.events);
      after = page.next;
    }
    expect(paged).toEqual(all);

    const account = user?.id as string;
    expect(await portal.readEvents({ account })).toEqual(all.filter((event) => event.account === account));
    const type = typeOf('AttemptFailed');
    expect(await portal.readEvents({ type })).toEqual(all.filter((event) => event.type === type));
    expect(await portal.readEvents({ account, type })).toEqual(
      all.filter((event) => event.account === account && event.type === type),
    );
    const from = all[10]?.time as string;
    const since = (await portal.api.events(portal.id, { from, limit: 200 })).success().events;
    expect(since).toEqual(all.filter(({ time }) => time >= from));
    (await portal.api.events(portal.id, { limit: 201 })).refused('malformed-request');
    (await portal.api.events(portal.id, { limit: 0 })).refused('malformed-request');
  });

  it('R31 are read from either end, by several types, by who acted and by their ids', async () => {
    const portal = await Portal.make(stack);
    await live(portal);
    const all = await portal.allEvents();
    expect(await portal.readEvents({ order: 'newest' })).toEqual([...all].reverse());

    const { events: newest, next } = (await portal.api.events(portal.id, { order: 'newest', limit: 7 })).success();
    expect(newest).toEqual(all.slice(-7).reverse());
    const after = next as string;
    // what arrives meanwhile moves no page
    await portal.register();
    const second = (await portal.api.events(portal.id, { order: 'newest', limit: 7, after })).success();
    expect(second.events).toEqual(all.slice(-14, -7).reverse());
    (await portal.api.events(portal.id, { limit: 7, after })).refused('malformed-request');

    const type = [typeOf('AttemptFailed'), typeOf('AccountLocked')];
    expect(await portal.readEvents({ type })).toEqual(all.filter((event) => type.includes(event.type)));
    const actor = portal.admin.id;
    const acted = (await portal.allEvents()).filter((event) => event.actor.id === actor);
    expect(acted.length).toBeGreaterThan(3);
    expect(await portal.readEvents({ actor, order: 'newest' })).toEqual([...acted].reverse());
    const id = [all.at(-2)!.id, all[3]!.id, 'none'];
    expect(await portal.readEvents({ id })).toEqual([all[3], all.at(-2)]);
    expect(await (await Portal.make(stack)).readEvents({ id })).toEqual([]);
  });

  it('R31 are for administrators, and services that may read events', async () => {
    const portal = await Portal.make(stack);
    (await (await portal.service('events')).events(portal.id)).success();
    (await (await portal.service('challenges', 'commands')).events(portal.id)).refused('forbidden');
    (await (await portal.contributor()).api.events(portal.id)).refused('forbidden');
    (await stack.api.events(portal.id)).refused('unauthenticated');
    (await (await (await Portal.make(stack)).service('events')).events(portal.id)).refused('not-found');
  });

  it('R31 are the same as a download', async () => {
    const portal = await Portal.make(stack);
    await live(portal);
    const events = await portal.allEvents();
    const ndjson = await portal.api.raw('GET', `/v1/portals/${portal.id}/events/export?format=ndjson`);
    expect(ndjson.headers['content-type']).toMatch(/^application\/x-ndjson/);
    const lines = ndjson.text.trimEnd().split('\n');
    expect(lines.map((line): unknown => JSON.parse(line))).toEqual(events);
    const csv = await portal.api.raw('GET', `/v1/portals/${portal.id}/events/export?format=csv`);
    expect(csv.headers['content-type']).toMatch(/^text\/csv/);
    for (const { hash } of events) expect(csv.text).toContain(hash);
  });

  it('R42 name accounts and who acted as they are called now, of the portal alone', async () => {
    const own = await Portal.make(stack);
    const person = await own.enrolled();
    await person.lock();
    (await own.api.unlock(own.id, person.id)).success();
    await own.allEvents();
    const { text } = await own.api.raw('GET', `/v1/portals/${own.id}/events/export?format=csv`);
    const ends = (type: string) =>
      text
        .split('\r\n')
        .filter((row) => row.includes(`,identity.${type}.`) || row.includes(`,two-factor.${type}.`))
        .map((row) => row.split(',').slice(-2));
    const [name, admin] = [person.credentials.username, own.admin.credentials.username];
    expect(ends('account-locked')).toEqual([[name, name]]);
    expect(ends('user-unlocked')).toEqual([[name, admin]]);
    expect(ends('portal-created').map(([account]) => account)).toEqual(['']);
  });

  it('R31 bring no formula into a spreadsheet: no cell of the download begins with one', async () => {
    const own = await Portal.make(stack);
    const provider = { issuer: 'https://idp.example', audience: 'a', jwksUri: 'https://idp.example/jwks' };
    (await own.api.changeSso(own.id, provider)).success();
    const formulas = ['=HYPERLINK("https://evil.example")', '+1+1', '-1+1', '@SUM(1)', '\u0009=1', '=cmd|calc!A0'];
    for (const text of formulas) {
      const { id } = (
        await own.api.register(own.id, {
          username: text,
          displayName: text,
          password: 'long enough',
          type: 'contributor',
        })
      ).success();
      (await own.api.changeAccount(own.id, id, { ssoSubject: text })).success();
    }
    await own.allEvents();
    const { text } = await own.api.raw('GET', `/v1/portals/${own.id}/events/export?format=csv`);
    expect(text).toContain('HYPERLINK');
    const cells = [...text.matchAll(/(?:^|,|\n|\r)(?:"((?:[^"]|"")*)"|([^",\r\n]*))/g)].map(
      ([, quoted, bare]) => quoted ?? bare ?? '',
    );
    expect(cells.length).toBeGreaterThan(formulas.length * 8);
    expect(cells.filter((cell) => /^[=+\-@\t\r]/.test(cell))).toEqual([]);
  });
});

describe('the live stream', () => {
  const locks = (event: Parameters<typeof shortType>[0]) => shortType(event) === 'AccountLocked';
  const openWith = ({ id }: Portal, token: string, lastEventId?: string) =>
    EventStream.open(`${stack.origin}/v1/portals/${id}/events/stream`, token, lastEventId);
  const open = (portal: Portal, lastEventId?: string) => openWith(portal, portal.admin.token as string, lastEventId);

  it('R31 brings every event in order while it happens', async () => {
    const portal = await Portal.make(stack);
    const user = await portal.enrolled();
    const stream = await open(portal);
    await user.lock();
    const { events } = await stream.until(locks);
    const all = await portal.allEvents();
    const first = all.findIndex(({ id }) => id === events[0]?.id);
    expect(events).toEqual(all.slice(first, first + events.length));
    expect(events.filter((event) => shortType(event) === 'AttemptFailed')).toHaveLength(5);
  });

  it('R31 goes on after the last event that was seen, without a gap or a repetition, also after a restart', async () => {
    const portal = await Portal.make(stack);
    const user = await portal.enrolled();
    const stream = await open(portal);
    await user.lock();
    const { ids, events } = await stream.until(locks);
    const again = await (await open(portal, ids[1])).until(locks);
    expect(again.events).toEqual(events.slice(2));

    (await portal.api.unlock(portal.id, user.id)).success();
    await user.lock();
    const missed = await (await open(portal, ids.at(-1))).until(locks);
    await stack.restart();
    const afterRestart = await (await open(portal, ids.at(-1))).until(locks);
    expect(afterRestart).toEqual(missed);

    const all = await portal.allEvents();
    const seen = [...events, ...missed.events];
    const first = all.findIndex(({ id }) => id === seen[0]?.id);
    expect(seen).toEqual(all.slice(first, first + seen.length));
  });

  it('R31 stops when the token ends: by logout, by revocation, by the loss of the right', async () => {
    const portal = await Portal.make(stack);
    const [leaving, demoted] = [await portal.register({ admin: true }), await portal.register({ admin: true })];
    await leaving.signIn();
    await demoted.signIn();
    const service = await portal.serviceToken('events');
    const tokens = [leaving.token as string, demoted.token as string, service.token];
    const streams = await Promise.all(tokens.map((token) => openWith(portal, token)));
    const ends = streams.map((stream) => stream.until(() => false).then(String, (error: Error) => error.message));
    (await leaving.api.logout()).success();
    (await portal.api.changeAccount(portal.id, demoted.id, { admin: false })).success();
    (await stack.operator.revokeServiceToken(portal.id, service.id)).success();
    for (const end of await Promise.all(ends)) expect(end).toMatch(/^the stream ended after \d+ events$/);
  });
});
