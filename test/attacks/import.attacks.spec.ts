import { setTimeout as pause } from 'node:timers/promises';
import { OpenImport } from '#test/support/calls/open-import.js';
import { aLine, appOf, hashes, newBase32 } from '#test/support/people/imported.js';
import { until } from '#test/support/until.js';
import { usePortal, useStack } from '#test/support/use-stack.js';

const stack = useStack();
const portal = usePortal(stack);
const NDJSON = { 'content-type': 'application/x-ndjson' };
const path = () => `/v1/portals/${portal.id}/import`;
const send = async (lines: readonly unknown[]) => (await stack.operator.importAccounts(portal.id, lines)).success();
const isThere = async (username: string) =>
  (await portal.api.accounts(portal.id, { query: username })).success().accounts.length > 0;
const linesTaken = async () => {
  const { text } = await stack.api.raw('GET', '/metrics');
  return [...text.matchAll(/^twinlock_imported_lines_total\{.*\} (\d+)$/gm)].reduce((sum, [, n]) => sum + Number(n), 0);
};

describe('an import', () => {
  it('is the operator’s alone: no session and no service token brings a second factor for anybody', async () => {
    const line = aLine({ totp: [{ secret: newBase32() }] });
    const user = await portal.enrolled();
    await portal.admin.reAuthenticate();
    const callers = [
      stack.api,
      stack.api.as('not-a-token'),
      user.api,
      portal.admin.api,
      await portal.service('accounts', 'challenges', 'commands', 'events', 'erasure'),
    ];
    for (const [at, caller] of callers.entries()) {
      const answer = await caller.importAccounts(portal.id, [line]);
      answer.refused(at < 2 ? 'unauthenticated' : 'forbidden');
    }
    expect(await isThere(line.username)).toBe(false);
  });

  it('is answered at once to who may not, however much they go on sending', async () => {
    const importing = new OpenImport({ origin: stack.origin, operatorToken: 'not-the-token' }, portal.id);
    const more = setInterval(() => importing.write('x'.repeat(60_000)), 5);
    try {
      // or the connection is gone before the answer is read
      expect([401, 'gone']).toContain(await importing.status().catch(() => 'gone'));
    } finally {
      clearInterval(more);
    }
    importing.hangUp();
    expect(await linesTaken()).toBe(0);
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/json', 'multipart/form-data'])(
    'of type %s, which a page of another site could send, is not read',
    async (type) => {
      const line = aLine();
      const text = `${JSON.stringify(line)}\n`;
      const answer = await stack.operator.raw('POST', path(), text, { 'content-type': type });
      expect([answer.status, (JSON.parse(answer.text) as { code: string }).code]).toEqual([
        415,
        'unsupported-media-type',
      ]);
      expect(await isThere(line.username)).toBe(false);
    },
  );

  it('refuses a line that is too long, however long, and takes those around it', async () => {
    const [one, two, three] = [aLine(), aLine(), aLine()];
    const padded = (bytes: number) => {
      const empty = JSON.stringify({ ...aLine(), displayName: '' });
      return empty.replace('""}', `"${'x'.repeat(bytes - empty.length)}"}`);
    };
    const results = await send([one, padded(65_536), padded(65_537), two, padded(5_000_000), three]);
    expect(results.map(({ outcome, code }) => [outcome, code])).toEqual([
      ['created', undefined],
      // as long as a line may be: it is the name that is too long
      ['refused', 'malformed-request'],
      ['refused', 'line-too-long'],
      ['created', undefined],
      ['refused', 'line-too-long'],
      ['created', undefined],
    ]);
  });

  it.each<[string, string]>([
    ['thousands of levels deep', '['.repeat(30_000) + ']'.repeat(30_000)],
    ['of objects thousands of levels deep', '{"a":'.repeat(10_000) + '1' + '}'.repeat(10_000)],
    ['thousands of members long', `{${Array.from({ length: 5_000 }, (_, i) => `"k${i}":1`).join()}}`],
    ['with a member twice', '{"username":"first-name","username":"second-name"}'],
    ['with a member twice, once escaped', '{"username":"first-name","user\\u006eame":"second-name"}'],
    [
      'with a secret twice',
      '{"username":"first-name","totp":[{"secret":"AAAAAAAAAAAAAAAA","secret":"BBBBBBBBBBBBBBBB"}]}',
    ],
    ['with a prototype', '{"username":"first-name","__proto__":{"type":"contributor"}}'],
    ['with a constructor', '{"username":"first-name","constructor":{"prototype":{"admin":true}}}'],
    ['with rights', '{"username":"first-name","admin":true}'],
    ['with an id', '{"username":"first-name","id":"chosen"}'],
    ['with an SSO subject', '{"username":"first-name","ssoSubject":"x"}'],
    ['that is a number', '1e999999'],
    ['that is nothing', 'null'],
    ['cut off', '{"username":"first-name"'],
    ['with a line break in a name', '{"username":"first\\nname"}'],
    ['with a name that is turned round', '{"username":"\\u202eeman-tsrif"}'],
    ['with half a character', '{"username":"first-name\\ud800"}'],
  ])('refuses a line %s, and takes nothing of it', async (_, text) => {
    const last = aLine();
    const results = await send([aLine(), text, last]);
    expect(results.map(({ line, outcome, code }) => [line, outcome, code])).toEqual([
      [1, 'created', undefined],
      [2, 'refused', 'malformed-request'],
      [3, 'created', undefined],
    ]);
    expect(JSON.stringify(results[1])).not.toMatch(/first|AAAA|BBBB|chosen/);
    for (const name of ['first', 'second-name']) expect(await isThere(name)).toBe(false);
  });

  it('refuses bytes that are no UTF-8', async () => {
    const outgoing = Buffer.concat([
      Buffer.from(`${JSON.stringify(aLine())}\n{"username":"`),
      Buffer.from([0xc3, 0x28]),
      Buffer.from('"}\n'),
    ]);
    const answer = await fetch(`${stack.origin}${path()}`, {
      method: 'POST',
      headers: { ...NDJSON, authorization: `Bearer ${stack.operatorToken}` },
      body: outgoing,
    });
    expect((await answer.text()).split('\n')[1]).toContain('"refused"');
  });

  it('refuses what costs too much in no time', async () => {
    const bombs = [
      '$2b$31$abcdefghijklmnopqrstuum174eFeoTj0DHmtuueFaS3Wde4P7wHG',
      hashes.pbkdf2('x').replace('i=1000', 'i=9999999999'),
      hashes.scrypt('x').replace('ln=10', 'ln=63'),
      hashes.scrypt('x').replace('r=8,p=1', 'r=1073741823,p=1073741823'),
      `$argon2id$v=19$m=4294967295,t=4294967295,p=255$c2FsdHNhbHQ$${'A'.repeat(43)}`,
    ];
    const lines = Array.from({ length: 200 }, (_, at) => aLine({ passwordHash: bombs[at % bombs.length] }));
    const begun = performance.now();
    const results = await send(lines);
    expect(results.filter(({ outcome }) => outcome !== 'refused')).toEqual([]);
    expect(performance.now() - begun).toBeLessThan(5_000);
  });

  it('beside other calls that make and delete accounts of the same names is whole, or nothing', async () => {
    const gateway = await portal.service('challenges');
    await portal.admin.reAuthenticate();
    const race = async () => {
      const { username } = aLine();
      const secrets = [newBase32(), newBase32()];
      const importing = async (secret: string) => (await send([{ username, totp: [{ secret }] }]))[0]!;
      const registering = portal.api.register(portal.id, { username, type: 'contributor' });
      const results = await Promise.all(secrets.map(importing));
      const registered = await registering;
      const made = results.findIndex(({ outcome }) => outcome === 'created');
      const id = made >= 0 ? results[made]!.id! : registered.success().id;
      expect([made >= 0, registered.code === null].filter(Boolean)).toHaveLength(1);
      const { twoFactor } = (await portal.api.account(portal.id, id)).success();
      expect(twoFactor.status).toBe(made >= 0 ? 'enabled' : 'none');
      if (made >= 0) {
        const opened = (await gateway.openChallenge(portal.id, id)).success();
        const code = appOf(portal, { secret: secrets[made]! }).freshCode();
        (await gateway.verifyChallenge(opened.required ? opened.challenge : '', { code })).success();
      }
      const secret = newBase32();
      const [deleted, ...again] = await Promise.all([
        portal.api.deleteAccount(portal.id, id),
        ...Array.from({ length: 4 }, () => importing(secret)),
      ]);
      deleted.success();
      for (const { outcome, id: other } of again) if (outcome === 'created') expect(other).not.toBe(id);
      const last = await importing(secret);
      expect(['created', 'exists']).toContain(last.outcome);
      expect((await portal.api.account(portal.id, last.id!)).success().twoFactor.status).toBe('enabled');
    };
    for (let turn = 0; turn < 15; turn += 1) await race();
  });

  it('answers each line as soon as it is done, while more are to come', async () => {
    const importing = new OpenImport(stack, portal.id);
    for (let line = 1; line <= 3; line += 1) {
      importing.send(aLine());
      expect(await importing.next()).toMatchObject({ line, outcome: 'created' });
    }
    importing.end();
    expect(await importing.next()).toBeNull();
  });

  it('waits for who does not read: it takes no more lines than can be answered', async () => {
    const LINES = 300_000;
    const begun = await linesTaken();
    const importing = new OpenImport(stack, portal.id);
    importing.send(aLine());
    importing.write('{}\n'.repeat(LINES));
    importing.end();
    let taken = 0;
    await until('no more lines are taken', async () => {
      const before = taken;
      await pause(500);
      taken = (await linesTaken()) - begun;
      return taken > 0 && taken === before;
    });
    expect(taken).toBeLessThan(LINES);
    let answered = 0;
    for (let answer = await importing.next(); answer; answer = await importing.next()) {
      answered += 1;
      if (answer.line !== answered) throw new Error(`line ${answer.line} is answered in place of ${answered}`);
    }
    expect(answered).toBe(LINES + 1);
  });

  it('leaves room: of many at once the ninth is refused, until one ends', async () => {
    const open = Array.from({ length: 8 }, () => new OpenImport(stack, portal.id));
    for (const importing of open) {
      importing.send(aLine());
      expect(await importing.next()).toMatchObject({ outcome: 'created' });
    }
    (await stack.operator.importAccounts(portal.id, [aLine()])).refused('unavailable');
    open[0]!.hangUp();
    await until(
      'there is room again',
      async () => (await stack.operator.importAccounts(portal.id, [aLine()])).code === null,
    );
    for (const importing of open.slice(1)) {
      importing.end();
      expect(await importing.next()).toBeNull();
    }
  });

  it('leaves room also where many begin, and send nothing yet', async () => {
    const open = Array.from({ length: 12 }, () => new OpenImport(stack, portal.id));
    const refused: unknown[] = [];
    for (const importing of open)
      importing.status().then(
        (status) => refused.push(status),
        () => undefined,
      );
    await until('those beyond the eighth are refused', () => refused.length === 4);
    expect(refused).toEqual([503, 503, 503, 503]);
    for (const importing of open) importing.hangUp();
  });
});
