import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runImport } from '#test/support/process/run-import.js';
import { twinlock } from '#test/support/process/stack.js';
import { until } from '#test/support/until.js';
import { usePortal, useStack } from '#test/support/use-stack.js';

const formats = join(import.meta.dirname, '../../apps/cli/src/import/formats');
const fixture = (name: string) => join(formats, 'testing/fixtures', name);
const SECRET = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
const link = (username: string, secret = SECRET) => `otpauth://totp/ACME:${username}?secret=${secret}`;
const PRIVACYIDEA_KEY = 'c022c00453d0006bef2c8c530c5ee2d9';

describe('twinlock import', () => {
  const stack = useStack({ engine: 'embedded' });
  const portal = usePortal(stack);
  const run = (args: string[], given?: Parameters<typeof runImport>[2]) => runImport(stack, args, given);
  const to = (...args: string[]) => ['--portal', portal.id, ...args];
  let folder: string;
  const file = (name: string, text: string | Buffer, mode = 0o600) => {
    const path = join(folder, name);
    writeFileSync(path, text);
    chmodSync(path, mode);
    return path;
  };
  const usernames = async () =>
    (await portal.api.accounts(portal.id)).success().accounts.map(({ username }) => username);
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'import-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('imports what can be imported, says what cannot, and leaves what exists', async () => {
    const lines = file('links', [link('lin'), '', 'oops', link('short', 'JBSWY3DP'), link('grace')].join('\n'));
    const first = await run(['--from', 'otpauth', ...to(lines)]);
    expect(first).toMatchObject({ code: 1, stderr: '' });
    expect(first.stdout).toMatch(/^line 3: refused, malformed \(.*\)\n/);
    expect(first.stdout).toMatch(/^line 4 \(short\): refused, totp\.0\.secret: malformed-request \(.*\)\n/m);
    expect(first.stdout).toMatch(/2 created, 0 there already, 2 refused\n$/);
    expect(await usernames()).toEqual(expect.arrayContaining(['lin', 'grace']));

    const again = await run(['--from', 'otpauth', ...to(file('links', [link('lin'), link('grace')].join('\n')))]);
    const exists =
      'line 1 (lin): is there already, and was not changed\nline 2 (grace): is there already, and was not changed\n';
    expect(again).toEqual({ code: 0, stdout: `${exists}0 created, 2 there already, 0 refused\n`, stderr: '' });
  });

  it('says in a dry run what would happen, and changes nothing', async () => {
    const args = ['--from', 'keycloak', '--realm', 'r1', '--dry-run', '--json'];
    const { code, stdout, stderr } = await run([...args, ...to(fixture('keycloak-26.7.3.json'))]);
    expect(code).toBe(1);
    expect(stderr).toBe('Nothing was changed: 1 would be created, 0 there already, 2 would be refused\n');
    const told = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(told).toMatchObject([
      { where: 'user 2', username: 'off', outcome: 'refused', code: 'account-disabled' },
      { where: 'user 3', username: 'service-account-svc', outcome: 'refused', code: 'service-account' },
      { where: 'user 1', username: 'ada', outcome: 'created' },
    ]);
    expect(await usernames()).not.toContain('off');
  });

  it('reads standard input, several files and each format', async () => {
    const input = `${JSON.stringify({ username: 'ours', totp: [{ secret: SECRET }] })}\n`;
    expect(await run(['--from', 'twinlock', ...to('-')], { input })).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/ 0 (would be )?refused\n/),
    });
    const google =
      'otpauth-migration://offline?data=CjEKCkhlbGxvId6tvu8SGEV4YW1wbGU6YWxpY2VAZ29vZ2xlLmNvbRoHRXhhbXBsZTAC';
    expect(await run(['--from', 'google', ...to('-')], { input: google })).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/ 0 (would be )?refused\n/),
    });
    expect(await run(['--from', 'authelia', ...to(fixture('authelia-4.38.yml'))])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/ 0 (would be )?refused\n/),
    });
    const owners = file('owners.csv', 'alice@portal, TOTP00000817\nbob@portal, TOTP000182DC\n');
    const key = file('key', `${PRIVACYIDEA_KEY}\n`);
    const pskc = ['--from', 'privacyidea', '--owners', owners, '--password-file', key];
    const fromPskc = await run([...pskc, ...to(fixture('privacyidea-3.14.xml'))]);
    expect(fromPskc).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('2 created, 0 there already, 2 refused'),
    });
    const two = await run(['--from', 'otpauth', ...to(file('a', link('a1')), file('b', `\n${link('b1')}\nx`))]);
    expect(two.stdout).toMatch(/b, line 3: refused, malformed/);
    expect(await usernames()).toEqual(
      expect.arrayContaining(['ours', 'alice@google.com', 'john', 'harry', 'alice', 'bob', 'a1', 'b1']),
    );
  });

  it('takes many lines, in the order of the file', async () => {
    const many = Array.from({ length: 2_000 }, (_, index) => JSON.stringify({ username: `many-${index}` }));
    many[1_200] = '{"username":';
    const { code, stdout } = await run(['--from', 'twinlock', ...to(file('many', many.join('\n')))]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^line 1201: refused, .*\n1999 created, 0 there already, 1 refused\n$/);
  });

  it.each([
    ['nothing', [], 'usage:'],
    ['an unknown format', ['--from', 'okta', 'x'], '--from must be one of twinlock, keycloak,'],
    ['an unknown option', ['--from', 'otpauth', '--secret', 'x', 'y'], "Unknown option '--secret'"],
    ['no such file', ['--from', 'otpauth', '--portal', 'PORTAL', '/nowhere/x'], '/nowhere/x: cannot be read (ENOENT)'],
    ['another format', ['--from', 'keycloak', '--portal', 'PORTAL', fixture('authelia-4.37.txt')], ': --from otpauth'],
    [
      'no such portal',
      ['--from', 'otpauth', '--portal', 'nowhere', fixture('authelia-4.37.txt')],
      'there is no portal nowhere',
    ],
    ['http to elsewhere', ['--from', 'otpauth', '--url', 'http://192.0.2.1', 'x'], '--url must be https'],
    [
      'no password',
      ['--from', 'privacyidea', '--portal', 'PORTAL', fixture('privacyidea-3.14.xml')],
      'nobody can be asked',
    ],
  ])('told %s ends with exit code 2', async (_, args, said) => {
    const { code, stdout, stderr } = await run(args.map((each) => (each === 'PORTAL' ? portal.id : each)));
    expect(stderr).toContain(said);
    expect(stderr.split('\n').length).toBeLessThan(20);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });

  it('a token that is wrong, or a file of it that others can read, is told before anything is sent', async () => {
    const args = ['--from', 'otpauth', ...to(fixture('authelia-4.37.txt'))];
    const wrong = await run(args, { env: { OPERATOR_TOKEN: 'x'.repeat(40) } });
    expect(wrong).toMatchObject({ code: 4, stderr: expect.stringContaining('unauthenticated: ') });
    const env = { OPERATOR_TOKEN: '', OPERATOR_TOKEN_FILE: file('token', stack.operatorToken, 0o644) };
    expect(await run(args, { env })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('that others can read'),
    });
    chmodSync(join(folder, 'token'), 0o600);
    expect(await run([...args, '--dry-run'], { env })).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/ 0 (would be )?refused\n/),
    });
    const away = await run([...args, '--url', 'http://127.0.0.1:1']);
    expect(away).toMatchObject({ code: 6, stderr: expect.stringContaining('no connection to http://127.0.0.1:1') });
  });

  it('an export that cannot be read on is told, and what was sent before it stays', async () => {
    const line = (index: number) => `${JSON.stringify({ username: `before-${index}` })}\n`;
    const text = Buffer.from(Array.from({ length: 3_000 }, (_, index) => line(index)).join(''));
    const broken = file('broken', Buffer.concat([text, Buffer.from([0xff, 0xfe, 0x00])]));
    const { code, stderr } = await run(['--from', 'twinlock', ...to(broken)]);
    expect({ code, stderr }).toEqual({ code: 2, stderr: `${broken}: is no text in UTF-8\n` });
  });

  it('prints no secret, and writes no file', async () => {
    const hash = '$2b$12$abcdefghijklmnopqrstuuMARKMARKMARKMARKMARKMARKMARKMARK';
    const bad = [
      { username: 'x1', passwordHash: hash, totp: [{ secret: `${SECRET}1` }] },
      { username: 'x2', secret: SECRET },
      { username: SECRET.repeat(5) },
    ];
    const input = bad.map((each) => JSON.stringify(each)).join('\n');
    const before = readdirSync(folder);
    for (const more of [[], ['--json']]) {
      const { code, stdout, stderr } = await run(['--from', 'twinlock', ...more, ...to('-')], { input });
      expect(code).toBe(1);
      expect(stdout + stderr).not.toMatch(/JBSWY|MARK|\$2b/);
    }
    expect(readdirSync(folder)).toEqual(before);
    expect(stack.output()).not.toMatch(/JBSWY3DPEHPK3PXPJBSW|MARKMARK/);
  });

  it('control characters of a file do not reach the terminal', async () => {
    const { stdout } = await run(['--from', 'otpauth', ...to('-')], { input: link('%1b%5b2J%E2%80%AEx', '') });
    expect(stdout).toContain('refused');
    expect(stdout).not.toMatch(/[\u001b\u202e]/);
  });

  it('asks on a terminal for what is given nowhere, and shows nothing of what is typed', async () => {
    const owners = file('owners.csv', 'ida@portal, TOTP00000817\n');
    const args = ['--from', 'privacyidea', '--owners', owners, ...to(fixture('privacyidea-3.14.xml'))];
    const command = [process.execPath, twinlock, 'import', ...args].map((each) => `'${each}'`).join(' ');
    const env = { ...stack.env(), OPERATOR_TOKEN: '', DATA_DIR: folder };
    const terminal = spawn('script', ['-qec', command, '/dev/null'], { env });
    let shown = '';
    terminal.stdout.setEncoding('utf8').on('data', (text: string) => (shown += text));
    const ended = once(terminal, 'close');
    await until('it asks for the token', () => shown.includes("Operator's token: "));
    terminal.stdin.write(`${stack.operatorToken}\r`);
    await until('it asks for the key', () => shown.includes('Password or key of the export: '));
    terminal.stdin.write(`${PRIVACYIDEA_KEY}\r`);
    expect((await ended)[0]).toBe(1);
    expect(shown).toContain('1 created, 0 there already, 3 refused');
    expect(shown).not.toContain(stack.operatorToken);
    expect(shown).not.toContain(PRIVACYIDEA_KEY);
  });

  it('cut off by a kill of the product, goes on where it ended', async () => {
    const all = 1_000;
    const line = (index: number) => JSON.stringify({ username: `cut-${index}`, totp: [{ secret: SECRET }] });
    const lines = file('cut', Array.from({ length: all }, (_, index) => line(index)).join('\n'));
    const before = await stack.recorded(portal.id);
    const running = run(['--from', 'twinlock', ...to(lines)]);
    await until('some are there', async () => (await stack.recorded(portal.id)) > before + 100);
    await stack.kill();
    const cut = await running;
    expect(cut).toMatchObject({
      code: 6,
      stderr: expect.stringContaining('The same command goes on where this one ended'),
    });
    await stack.start();
    const { code, stdout } = await run(['--from', 'twinlock', ...to(lines), '--json']);
    expect(code).toBe(0);
    const outcomes = stdout
      .trim()
      .split('\n')
      .map((each) => (JSON.parse(each) as { outcome: string }).outcome);
    expect(outcomes.filter((outcome) => outcome === 'exists').length).toBeGreaterThan(0);
    expect(outcomes.filter((outcome) => outcome === 'created').length).toBeGreaterThan(0);
    expect(outcomes).toHaveLength(all);
  });
});
