import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { twinlock } from '#test/support/process/stack.js';
import { shortType } from '#test/support/events.js';
import { until } from '#test/support/until.js';
import { usePortal, useStack } from '#test/support/use-stack.js';

describe('twinlock', () => {
  const stack = useStack({ engine: 'embedded' });
  const portal = usePortal(stack);
  let folder: string;
  beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'cli-'))));
  afterAll(() => rmSync(folder, { recursive: true }));
  const running = new Set<ChildProcess>();
  afterEach(() => running.forEach((child) => child.kill('SIGKILL')));
  const env = (more: Record<string, string> = {}) => ({
    ...stack.env(),
    TWINLOCK_CONFIG: join(folder, 'config'),
    ...more,
  });

  async function run(args: string[], more: Record<string, string> = {}) {
    const child = spawn(process.execPath, [twinlock, ...args], { env: env(more), stdio: ['ignore', 'pipe', 'pipe'] });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const [code] = (await once(child, 'close')) as [number | null];
    expect(stderr).not.toMatch(/^\s+at /m);
    return { code, stdout, stderr };
  }
  const json = async (args: string[], more?: Record<string, string>) => {
    const { code, stdout, stderr } = await run([...args, '--json'], more);
    return { code, body: JSON.parse(code === 0 ? stdout : stderr) as Record<string, unknown> };
  };

  /** At a pseudo-terminal: each question is answered once it is asked. */
  async function atTerminal(args: string[], answers: readonly (readonly [string, () => string])[]) {
    const command = [process.execPath, twinlock, ...args].map((each) => `'${each}'`).join(' ');
    const terminal = spawn('script', ['-qec', command, '/dev/null'], { env: env() });
    let shown = '';
    terminal.stdout.setEncoding('utf8').on('data', (text: string) => (shown += text));
    const ended = once(terminal, 'close');
    for (const [question, answer] of answers) {
      await until(`it asks ${question}`, () => shown.includes(question) || terminal.exitCode !== null);
      terminal.stdin.write(`${answer()}\r`);
    }
    const [code] = (await ended) as [number | null];
    return { code, shown };
  }
  const url = () => ['--url', stack.origin];

  it('has the operator make portals, grant add-ons and issue tokens', async () => {
    expect(
      await json(['portals', 'create', 'made', '--admin', 'ada'], { TWINLOCK_PASSWORD: 'correct horse battery' }),
    ).toEqual({
      code: 0,
      body: { id: 'made' },
    });
    expect(
      await json(['portals', 'create', 'made', '--admin', 'ada'], { TWINLOCK_PASSWORD: 'correct horse battery' }),
    ).toMatchObject({
      code: 3,
      body: { code: 'portal-exists' },
    });
    expect(await run(['add-on', 'grant', 'made'])).toMatchObject({ code: 0 });
    expect((await json(['portals', 'list', '--query', 'made'])).body).toMatchObject({
      portals: [{ id: 'made', addOns: ['enterprise-security'] }],
    });
    const file = join(folder, 'token');
    const issue = ['service-tokens', 'issue', 'made', '--name', 'tool', '--scope', 'accounts', '--output', file];
    const { body } = await json(issue);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const asService = { TWINLOCK_TOKEN_FILE: file, TWINLOCK_PORTAL: 'made', TWINLOCK_URL: stack.origin };
    expect((await json(['people', 'list'], asService)).code).toBe(0);
    expect(await run(['service-tokens', 'revoke', 'made', String(body.id)])).toMatchObject({ code: 2 });
    expect(await run(['service-tokens', 'revoke', 'made', String(body.id), '--yes'])).toMatchObject({ code: 0 });
    expect((await json(['people', 'list'], asService)).code).toBe(4);
  });

  it('logs in at a terminal with a real code, asks for a proof there, and ends with 5 without one', async () => {
    const { admin } = portal;
    await admin.enrol();
    const { username, password } = admin.credentials;
    const login = await atTerminal(
      ['login', ...url(), '--portal', portal.id, '--username', username],
      [
        ['Password: ', () => password],
        ['Code (or a backup code): ', () => admin.phone.freshCode()],
      ],
    );
    expect(login).toMatchObject({ code: 0, shown: expect.stringContaining(`Logged in to ${portal.id}`) });
    expect(login.shown).not.toContain(password);
    const kept = join(folder, 'config/login.json');
    expect(statSync(kept).mode & 0o777).toBe(0o600);
    expect((await json(['whoami'])).body).toMatchObject({ username, portal: portal.id });

    stack.clock.minutes(11);
    const person = await portal.register();
    expect(await json(['people', 'suspend', person.id, '--yes'])).toMatchObject({
      code: 5,
      body: { code: 're-authentication-required', needs: expect.arrayContaining(['code']) },
    });
    const proved = await atTerminal(
      ['people', 'suspend', person.id],
      [
        ['Go on? [y/N]: ', () => 'y'],
        [`Password of ${username}: `, () => password],
        ['Code (or a backup code): ', () => admin.phone.freshCode()],
      ],
    );
    expect(proved).toMatchObject({ code: 0, shown: expect.stringContaining('is suspended') });
    expect((await json(['people', 'show', person.id])).body).toMatchObject({ status: 'suspended' });
    const typed = person.credentials.username.toUpperCase();
    expect((await json(['people', 'show', typed])).body).toMatchObject({ id: person.id });
    expect(await json(['people', 'show', typed.slice(0, -1)])).toMatchObject({ code: 3, body: { code: 'not-found' } });
    expect((await json(['settings', 'set', 'two-factor', 'maxFailedAttempts=7'])).body).toMatchObject({
      maxFailedAttempts: 7,
    });
    expect((await run(['events', 'export', '--type', 'identity.account-suspended.v1'])).stdout).toContain(person.id);
    expect((await json(['sessions', 'list'])).body.sessions).not.toEqual([]);

    chmodSync(kept, 0o644);
    expect(await run(['whoami'])).toMatchObject({ code: 2, stderr: expect.stringContaining('others can read') });
    chmodSync(kept, 0o600);
    expect(await run(['whoami', '--url', 'http://127.0.0.1:1'])).toMatchObject({ code: 2 });
    const { token } = JSON.parse(readFileSync(kept, 'utf8')) as { token: string };
    expect(await run(['logout'])).toMatchObject({ code: 0 });
    expect((await json(['whoami'])).code).toBe(4);
    expect((await json(['whoami'], { TWINLOCK_TOKEN: token, TWINLOCK_URL: stack.origin })).code).toBe(4);
  });

  it('shows the events that come, goes on where a connection ended, and where it is told to', async () => {
    const { token } = await portal.serviceToken('events');
    const as = env({ TWINLOCK_TOKEN: token, TWINLOCK_PORTAL: portal.id, TWINLOCK_URL: stack.origin });
    const follow = (...args: string[]) => {
      const child = spawn(process.execPath, [twinlock, 'events', '--follow', '--json', ...args], { env: as });
      running.add(child);
      const shown = { text: '', told: '' };
      child.stdout.setEncoding('utf8').on('data', (text: string) => (shown.text += text));
      child.stderr.setEncoding('utf8').on('data', (text: string) => (shown.told += text));
      const events = () =>
        shown.text
          .split('\n')
          .slice(0, -1)
          .map((line) => JSON.parse(line) as { id: string; type: string; account?: string });
      const end = async () => {
        const ended = once(child, 'close');
        child.kill('SIGKILL');
        await ended;
      };
      return { shown, events, end };
    };
    await portal.register();
    const following = follow();
    // the first that it shows is one that came later than itself
    const first = await until('it shows what comes', async () => {
      await portal.register();
      return following.events()[0];
    });
    expect(shortType(first)).toBe('AccountRegistered');
    await stack.kill();
    await until('it says so', () => following.shown.told.includes('Trying again …'));
    await stack.start();
    const person = await portal.register();
    await until('it goes on', () => following.events().some(({ account }) => account === person.id));
    expect(following.shown.told).toContain('The connection is back.\n');
    const ids = following.events().map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    await following.end();

    const recorded = await portal.readEvents({ account: person.id });
    const again = follow('--from', recorded[0]!.time, '--account', person.id, '--type', recorded[0]!.type);
    await until('it begins there', () => again.events().length > 0);
    await again.end();
    expect(again.events().map(({ account, type }) => [account, type])).toEqual([[person.id, recorded[0]!.type]]);
    expect(again.shown.told).toBe('');
  });

  it('follows nothing at an address that does not answer, nor with what is of lists', async () => {
    const as = { TWINLOCK_TOKEN: 'svc_none', TWINLOCK_PORTAL: portal.id };
    expect((await json(['events', '--follow'], { ...as, TWINLOCK_URL: 'http://127.0.0.1:1' })).code).toBe(6);
    expect((await json(['events', '--follow'], { ...as, TWINLOCK_URL: stack.origin })).code).toBe(4);
    expect(await run(['events', '--follow', '--order', 'newest'], { ...as, TWINLOCK_URL: stack.origin })).toMatchObject(
      {
        code: 2,
        stderr: '--follow goes without --order\n',
      },
    );
  });

  it('takes no secret among its arguments, and quotes none', async () => {
    for (const arg of [
      '--password=hunter22',
      stack.operatorToken,
      `svc_${'x'.repeat(30)}`,
      '--token',
      'otpauth://totp/x?secret=JBSWY',
      '--url=https://ada:hunter22@portal.example',
    ]) {
      const { code, stdout, stderr } = await run(['people', 'list', arg]);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).not.toMatch(/hunter22|JBSWY/);
      expect(stderr).not.toContain(stack.operatorToken);
    }
  });

  it('tells a product that is away by 6', async () => {
    expect((await json(['portals', 'list', '--url', 'http://127.0.0.1:1'])).code).toBe(6);
  });

  it('doctor is content with a sound installation, and says what is wrong with another', async () => {
    const { code, body } = await json(['doctor']);
    expect({ code, ok: body.ok }).toEqual({ code: 0, ok: true });
    const keys = join(folder, 'keys');
    writeFileSync(keys, `k1:${Buffer.alloc(32).toString('base64')}`);
    chmodSync(keys, 0o600);
    const poor = await run(['doctor'], { VAULT_KEYS_FILE: keys });
    expect(poor).toMatchObject({ code: 1, stdout: expect.stringContaining('not random') });
    chmodSync(keys, 0o644);
    expect((await run(['doctor'], { VAULT_KEYS_FILE: keys })).stdout).toContain('others can read');
  });

  it('completes commands, options and values in bash', async () => {
    const { stdout: script } = await run(['completion', 'bash']);
    const completed = async (...words: string[]) => {
      const quoted = words.map((word) => `'${word}'`).join(' ');
      const bash = spawn('bash', [
        '--norc',
        '-c',
        `${script}\nCOMP_WORDS=(${quoted}); COMP_CWORD=${words.length - 1}; _twinlock; echo "\${COMPREPLY[*]}"`,
      ]);
      let shown = '';
      bash.stdout.setEncoding('utf8').on('data', (text: string) => (shown += text));
      await once(bash, 'close');
      return shown.trim();
    };
    expect(await completed('twinlock', 'peo')).toBe('people');
    expect(await completed('twinlock', 'people', 'un')).toBe('unlock');
    expect(await completed('twinlock', 'people', 'list', '--status', 'l')).toBe('locked');
    expect(await completed('twinlock', 'people', 'list', '--stat')).toBe('--status');
  });
});
