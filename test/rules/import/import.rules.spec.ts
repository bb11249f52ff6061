import { aLine, appOf, hashes, type LineToImport, movedIn, newBase32 } from '#test/support/people/imported.js';
import { Portal } from '#test/support/people/portal.js';
import { until } from '#test/support/until.js';
import { usePortal, useProduct } from '#test/support/use-stack.js';

const stack = useProduct();
const portal = usePortal(stack);
const send = async (lines: readonly unknown[], query = {}, into = portal) =>
  (await stack.operator.importAccounts(into.id, lines, query)).success();
const statusOf = async (id: string) => (await portal.api.account(portal.id, id)).success();
const usernames = async (into: Portal) =>
  (await into.api.accounts(into.id, { limit: 200 })).success().accounts.map(({ username }) => username);

describe('an imported account', () => {
  it.each([
    ['SHA-1, six digits, 30 seconds', {}],
    ['SHA-256', { algorithm: 'SHA256' as const }],
    ['SHA-512, eight digits, 60 seconds', { algorithm: 'SHA512' as const, digits: 8 as const, period: 60 as const }],
  ])('R36 goes on with the app that its person has: %s', async (_, parameters) => {
    const totp = [{ secret: newBase32(), ...parameters }];
    const person = await movedIn(portal, aLine({ totp, passwordHash: hashes.pbkdf2('from before') }), 'from before');
    const challenge = await person.challenge();
    (await stack.api.sendCode(challenge, { code: person.phone.wrongCode() })).refused('wrong-code');
    const code = person.phone.freshCode();
    const { backupCodesLeft } = (await stack.api.sendCode(challenge, { code })).success();
    expect(backupCodesLeft).toBe(0);
    (await person.enterCode(code)).refused('wrong-code');
  });

  it('R27 R36 is asked for as many digits as its app shows', async () => {
    const totp = [{ secret: newBase32(), digits: 8 as const }];
    const person = await movedIn(portal, aLine({ totp, passwordHash: hashes.pbkdf2('from before') }), 'from before');
    const challenge = await person.challenge();
    (await stack.api.sendCode(challenge, { code: '123456' })).refused('malformed-code');
    (await stack.api.sendCode(challenge, { code: '1234567' })).refused('malformed-code');
    (await stack.api.sendCode(challenge, { code: person.phone.freshCode() })).success();
  });

  it('R18 R36 has no secret twice, whose code would pass twice', async () => {
    const secret = newBase32();
    const twice = aLine({ totp: [{ secret }, { secret: ` ${secret.toLowerCase()}=`, digits: 8 }] });
    const [result] = await send([twice]);
    expect(result).toMatchObject({ outcome: 'refused', field: 'totp.1.secret', code: 'malformed-request' });
    expect(await usernames(portal)).not.toContain(twice.username);
  });

  it('R36 has the secret that apps read, who pass over the bits after its last byte', async () => {
    // 26 characters: 16 bytes and two bits
    const secret = `${newBase32().slice(0, 25)}7`;
    const line = aLine({ totp: [{ secret }], passwordHash: hashes.pbkdf2('from before') });
    const person = await movedIn(portal, line, 'from before');
    const challenge = await person.challenge();
    (await stack.api.sendCode(challenge, { code: person.phone.freshCode() })).success();
  });

  it('R36 has all that the line says', async () => {
    const line = aLine({
      externalId: 'ext-1',
      displayName: 'Moved In',
      email: 'moved@example.org',
      totp: [{ secret: newBase32(10) }, { secret: newBase32(), name: 'Tablet' }],
    });
    const { id } = await movedIn(portal, line);
    expect(await statusOf(id)).toMatchObject({
      username: line.username,
      externalId: 'ext-1',
      displayName: 'Moved In',
      email: 'moved@example.org',
      type: 'contributor',
      admin: false,
      hasPassword: false,
      twoFactor: { status: 'enabled', backupCodesLeft: 0 },
    });
  });

  it('R36 is among those who have 2FA', async () => {
    const other = await Portal.make(stack);
    const line = aLine({ totp: [{ secret: newBase32() }] });
    await movedIn(other, line);
    await movedIn(other, aLine());
    const enabled = await until('the list has it', async () => {
      const { accounts } = (await other.api.accounts(other.id, { twoFactor: 'enabled' })).success();
      return accounts.length > 0 && accounts;
    });
    expect(enabled.map(({ username }) => username)).toEqual([line.username]);
    expect((await other.api.twoFactorSummary(other.id)).success()).toMatchObject({
      contributors: 3,
      enabled: 1,
      none: 2,
    });
  });

  it('R36 R45 lists what came with it by its name, and can be given more', async () => {
    const totp = [{ secret: newBase32() }, { secret: newBase32(), name: 'Tablet' }];
    const person = await movedIn(portal, aLine({ totp, passwordHash: hashes.scrypt('from before') }), 'from before');
    await person.signIn();
    const { authenticators } = (await person.api.authenticators()).success();
    expect(authenticators.map(({ name }) => name)).toEqual(['Authenticator app', 'Tablet']);
    expect(authenticators[1]).not.toHaveProperty('lastUsedAt');
    await person.addApp('New phone');
    expect(await person.authenticatorIds()).toHaveLength(3);
  });

  it('R10 R36 has no backup codes until its person makes some', async () => {
    const totp = [{ secret: newBase32() }];
    const person = await movedIn(portal, aLine({ totp, passwordHash: hashes.pbkdf2('from before') }), 'from before');
    (await person.enterBackupCode('AAAA-BBBB-CCCC-DDDD')).refused('wrong-code');
    await person.signIn();
    const { backupCodes } = (await person.provingApi.newBackupCodes()).success();
    (await person.enterBackupCode(backupCodes[0]!)).success();
    expect((await statusOf(person.id)).twoFactor.backupCodesLeft).toBe(9);
  });

  it('R13 R36 that is reset has a secret of ours', async () => {
    const totp = [{ secret: newBase32(), algorithm: 'SHA512' as const, digits: 8 as const, period: 60 as const }];
    const person = await movedIn(portal, aLine({ totp, passwordHash: hashes.pbkdf2('from before') }), 'from before');
    await person.signIn();
    const { otpauthUri } = (await person.provingApi.reset()).success();
    expect(otpauthUri).toContain('algorithm=SHA1&digits=6&period=30');
    person.scan(otpauthUri);
    (await person.api.confirm(person.phone.freshCode())).success();
    await person.signIn();
  });

  it('R22 R23 R36 is locked like others', async () => {
    const totp = [{ secret: newBase32() }];
    const person = await movedIn(portal, aLine({ totp, passwordHash: hashes.pbkdf2('from before') }), 'from before');
    await person.lock();
    expect((await statusOf(person.id)).status).toBe('locked');
  });

  it('R32 R36 without a password is asked for a code by its gateway', async () => {
    const gateway = await portal.service('challenges');
    const person = await movedIn(portal, aLine({ totp: [{ secret: newBase32() }] }));
    const challenge = await person.challengeAt(gateway);
    (await gateway.verifyChallenge(challenge, { code: person.phone.freshCode() })).success();
  });

  it('R36 R42 that is deleted is gone, and its name can be imported again', async () => {
    const line = aLine({ externalId: 'ext-deleted', totp: [{ secret: newBase32() }] });
    const person = await movedIn(portal, line);
    (await portal.api.deleteAccount(portal.id, person.id)).success();
    const again = await movedIn(portal, line);
    expect(again.id).not.toBe(person.id);
    expect((await statusOf(again.id)).twoFactor.status).toBe('enabled');
  });

  it('R29 R36 is told by events that say no secret, by whom and from which request', async () => {
    const secret = newBase32();
    const person = await movedIn(portal, aLine({ totp: [{ secret, name: 'Phone', period: 60 }] }));
    const events = await portal.eventsOf(person, 'SecondFactorImported');
    expect(events.map(({ type }) => type)).toEqual([
      'two-factor.authenticator-imported.v1',
      'two-factor.second-factor-imported.v1',
    ]);
    const [brought, imported] = events;
    expect(brought).toMatchObject({
      actor: { kind: 'operator' },
      data: { kind: 'totp', totp: { algorithm: 'SHA1', digits: 6, period: 60 } },
      plain: { person: { authenticatorName: 'Phone' } },
    });
    expect(imported?.data).toEqual({ importId: brought?.data.importId });
    expect(imported?.context.correlationId).toBe(brought?.context.correlationId);
    const [registered] = await portal.events('AccountRegistered', 1, { account: person.id });
    expect(registered).toMatchObject({ actor: { kind: 'operator' }, data: { importId: brought?.data.importId } });
  });
});

describe('an import', () => {
  it('R36 answers each line in order, and takes the good ones beside the bad ones', async () => {
    const [one, two, three] = [aLine(), aLine(), aLine({ totp: [{ secret: newBase32() }] })];
    const results = await send([
      one,
      '{"username": ',
      { ...two, type: 'king' },
      '',
      { ...two, totp: [{ secret: newBase32(5) }] },
      { ...two, totp: [{ secret: 'no base32!' }] },
      { ...two, totp: Array.from({ length: 4 }, () => ({ secret: newBase32() })) },
      { ...two, totp: [{ secret: newBase32(), period: 45 }] },
      { ...two, type: 'power-reader', totp: [{ secret: newBase32() }] },
      { ...two, passwordHash: 'planted plain text' },
      { ...two, unknown: 1 },
      three,
    ]);
    expect(results.map(({ line, outcome, field, code }) => [line, outcome, field, code])).toEqual([
      [1, 'created', undefined, undefined],
      [2, 'refused', undefined, 'malformed-request'],
      [3, 'refused', 'type', 'malformed-request'],
      [5, 'refused', 'totp.0.secret', 'malformed-request'],
      [6, 'refused', 'totp.0.secret', 'malformed-request'],
      [7, 'refused', 'totp', 'malformed-request'],
      [8, 'refused', 'totp.0.period', 'malformed-request'],
      [9, 'refused', 'totp', 'malformed-request'],
      [10, 'refused', 'passwordHash', 'hash-unsupported'],
      [11, 'refused', 'unknown', 'malformed-request'],
      [12, 'created', undefined, undefined],
    ]);
    expect(JSON.stringify(results)).not.toContain('planted');
    const there = await usernames(portal);
    expect(there).toEqual(expect.arrayContaining([one.username, three.username]));
    expect(there).not.toContain(two.username);
  });

  it('R36 again changes nothing', async () => {
    const lines = [aLine({ totp: [{ secret: newBase32() }] }), aLine({ externalId: 'ext-again' })];
    const first = await send(lines);
    const again = await send(lines.map((line) => ({ ...line, displayName: 'Another' })));
    expect(again).toEqual(first.map(({ line, id }) => ({ line, outcome: 'exists', id })));
    for (const { id } of first) expect((await statusOf(id!)).displayName).toBeNull();
  });

  it('R36 of a name that exists changes nothing: neither its second factor nor its password', async () => {
    const user = await portal.enrolled();
    const { username } = user.credentials;
    const line = {
      username: username.toUpperCase(),
      totp: [{ secret: newBase32() }],
      passwordHash: hashes.pbkdf2('planted'),
    };
    expect(await send([line])).toEqual([{ line: 1, outcome: 'exists', id: user.id }]);
    (await stack.api.login({ portal: portal.id, username, password: 'planted' })).refused('invalid-credentials');
    const code = appOf(portal, line.totp[0]!).currentCode();
    if (code !== user.phone.currentCode()) (await user.enterCode(code)).refused('wrong-code');
    await user.signIn();
  });

  it('R36 of a name or an external id that the file has already is told as the first has left it', async () => {
    const line = aLine({ externalId: 'ext-twice' });
    const lines = [line, { username: line.username.toUpperCase() }, aLine({ externalId: 'ext-twice' })];
    const [first, second, third] = await send(lines);
    expect(first?.outcome).toBe('created');
    expect(second).toEqual({ line: 2, outcome: 'exists', id: first?.id });
    expect(third).toEqual({ line: 3, outcome: 'exists', id: first?.id });
    const bad = aLine();
    expect((await send([{ ...bad, type: 'king' }, bad])).map(({ outcome }) => outcome)).toEqual(['refused', 'created']);
  });

  it('R36 of many lines of one name makes one account, with what one line says', async () => {
    const line = aLine();
    const secrets = Array.from({ length: 20 }, () => newBase32());
    const results = await send(secrets.map((secret) => ({ ...line, totp: [{ secret }] })));
    expect(results.map(({ outcome }) => outcome)).toEqual(['created', ...Array<string>(19).fill('exists')]);
    const gateway = await portal.service('challenges');
    const opened = (await gateway.openChallenge(portal.id, results[0]!.id!)).success();
    const challenge = opened.required ? opened.challenge : '';
    const code = appOf(portal, { secret: secrets[0]! }).freshCode();
    (await gateway.verifyChallenge(challenge, { code })).success();
  });

  it('R36 of the same file by two at once makes each account once, whole', async () => {
    const lines = Array.from({ length: 20 }, () => aLine({ totp: [{ secret: newBase32() }] }));
    const both = await Promise.all([send(lines), send(lines)]);
    for (const [at, line] of lines.entries()) {
      const results = both.map((results) => results[at]!);
      // one that is late, as on a busy machine, says so, and the same line again finds what it made
      const late = results.filter(({ code }) => code === 'unavailable');
      const settled = results.filter((result) => !late.includes(result));
      const outcomes = settled.map(({ outcome }) => outcome).sort();
      if (late.length === 0) expect([at, outcomes]).toEqual([at, ['created', 'exists']]);
      const again = await until('the line is there', async () => {
        const [result] = await send([line]);
        return result!.outcome === 'exists' && result!;
      });
      for (const { id } of settled) expect(again.id).toBe(id);
      expect((await statusOf(again.id!)).twoFactor.status).toBe('enabled');
    }
  });

  it('R36 that is tried first answers the same and writes nothing', async () => {
    const other = await Portal.make(stack);
    const there = await other.register();
    const line = aLine({
      passwordHash: hashes.pbkdf2('from before'),
      totp: [{ secret: newBase32() }],
      externalId: 'x',
    });
    const lines = [
      line,
      { username: there.credentials.username },
      { ...line, username: 'of-another-name' },
      { ...aLine(), type: 'king' },
      aLine({ passwordHash: 'planted' }),
    ];
    const recorded = await stack.recorded(other.id);
    const tried = await send(lines, { dryRun: 'true' }, other);
    expect(await stack.recorded(other.id)).toBe(recorded);
    expect(await usernames(other)).not.toContain(line.username);
    const done = await send(lines, {}, other);
    expect(tried.map(({ line, outcome, field, code }) => ({ line, outcome, field, code }))).toEqual(
      done.map(({ line, outcome, field, code }) => ({ line, outcome, field, code })),
    );
    expect(done.map(({ outcome }) => outcome)).toEqual(['created', 'exists', 'exists', 'refused', 'refused']);
  });

  it('R36 is of a portal that there is', async () => {
    (await stack.operator.importAccounts('p-nowhere', [aLine()])).refused('not-found');
  });

  it.each([
    ['a JSON array', '[{"username":"a"},\n{"username":"b"}]'],
    ['one JSON document', '{\n  "realm": "demo"\n}'],
    ['a Keycloak realm', '{"realm":"demo","users":[]}'],
    ['CSV', 'username,email\nalice,alice@example.org'],
    ['XML, such as PSKC', '<?xml version="1.0"?>\n<KeyContainer/>'],
    ['HTML', '<!doctype html>\n<html></html>'],
    ['otpauth lines', 'otpauth://totp/a?secret=PLANTEDPLANTED77\n'],
    ['otpauth-migration', 'otpauth-migration://offline?data=planted\n'],
    ['YAML', 'totp_configurations:\n  - username: alice\n'],
  ])('R36 of %s is told what it looks like', async (what, text) => {
    const headers = { 'content-type': 'application/x-ndjson' };
    const answer = await stack.operator.raw('POST', `/v1/portals/${portal.id}/import`, text, headers);
    expect(answer.status).toBe(400);
    expect(answer.text).toContain(what);
    expect(answer.text.toLowerCase()).not.toContain('planted');
  });

  it('R36 takes a byte order mark, carriage returns and no line feed at the end', async () => {
    const [one, two] = [aLine(), aLine()];
    const text = `\ufeff${JSON.stringify(one)}\r\n\r\n${JSON.stringify(two)}`;
    const answer = await stack.operator.raw('POST', `/v1/portals/${portal.id}/import`, text, {
      'content-type': 'application/x-ndjson; charset=utf-8',
    });
    expect(answer.headers['content-type']).toBe('application/x-ndjson');
    const results = answer.text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(results).toMatchObject([
      { line: 1, outcome: 'created' },
      { line: 3, outcome: 'created' },
    ]);
  });

  it('R36 without a line is refused', async () => {
    (await stack.operator.importAccounts(portal.id, [])).refused('malformed-request');
    (await stack.operator.importAccounts(portal.id, ['', ''])).refused('malformed-request');
  });

  it('R36 counts its lines by what became of them', async () => {
    const count = async (outcome: string) => {
      const { text } = await stack.api.raw('GET', '/metrics');
      const line = new RegExp(`^twinlock_imported_lines_total\\{[^}]*outcome="${outcome}"[^}]*\\} (\\d+)`, 'm').exec(
        text,
      );
      return Number(line?.[1] ?? 0);
    };
    const before = await count('created');
    const lines: LineToImport[] = [aLine(), aLine()];
    await send(lines, { dryRun: 'true' });
    await send(lines);
    expect(await count('created')).toBe(before + 2);
  });
});
