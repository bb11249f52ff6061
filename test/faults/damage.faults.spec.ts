import { randomBytes } from 'node:crypto';
import { appendFileSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AppName, servingApps } from '#libs/contracts/src/http/endpoint.js';
import { shortType } from '#test/support/events.js';
import type { Person } from '#test/support/people/portal.js';
import { useGateway, usePortal, useStack } from '#test/support/use-stack.js';
import { Copy, refusedStart, runTool, turnBitBehind } from './support/data.js';
import { rewriteLog } from './support/rewritten.js';
import { lookInto, storeOf } from '#test/support/stored/store-file.js';
import { eventsIn } from '#test/support/stored/stored.js';

const stack = useStack();
const portal = usePortal(stack);
const gateway = useGateway(portal);
let user: Person;
let other: Person;
let whole: Copy;
beforeAll(async () => {
  [user, other] = [await portal.enrolled(), await portal.enrolled()];
  await user.fail(2);
  (await user.enterCode(user.phone.freshCode())).success();
  await user.fail(1);
  await other.fail(1);
  await portal.allEvents();
  await stack.shutDown();
  whole = new Copy(stack, 'whole');
});
afterEach(async () => {
  await stack.shutDown();
  whole.restore();
});

const store = (app: AppName = 'two-factor') => storeOf(stack.dataDir, app);
const streamOfUser = () => `${portal.id}/${user.id}`;
const verify = () => runTool(stack, 'verify');

/** The apps that are not ready. */
async function unready(): Promise<Record<string, string>> {
  const { text } = await stack.api.raw('GET', '/health/ready');
  const { apps } = JSON.parse(text) as { apps: Record<string, string> };
  return Object.fromEntries(Object.entries(apps).filter(([, state]) => state !== 'ok'));
}

/** The hash of the account's last event: it stands in the file right before the bytes that it is the hash of. */
const lastHash = async () =>
  (await lookInto(stack.dataDir, 'two-factor', eventsIn)).get(streamOfUser())?.at(-1)?.hash ?? '';

describe('a store that is damaged at the start', () => {
  it.each(servingApps)(
    'cut off or overwritten in %s, is refused in one line with exit code 1, not by a signal',
    async (app) => {
      const { size } = statSync(store(app));
      truncateSync(store(app), size >> 1);
      expect(await refusedStart(stack)).toEqual([expect.stringContaining(store(app))]);
      writeFileSync(store(app), Buffer.alloc(size, 0x5a));
      expect(await refusedStart(stack)).toEqual([expect.stringContaining(store(app))]);
    },
  );

  it.each<[string, (bytes: Buffer) => Buffer]>([
    ['its first pages alone', (bytes) => bytes.subarray(0, 8192)],
    ['less than its first pages', (bytes) => bytes.subarray(0, 5000)],
    ['nothing', () => Buffer.alloc(0)],
    ['no first page', (bytes) => Buffer.from(bytes).fill(0, 0, 4096)],
    ['nothing but its first pages unchanged', (bytes) => Buffer.from(bytes).fill(0x5a, 8192)],
    [
      'every fourth page unchanged',
      (bytes) => Buffer.from(bytes.map((byte, i) => ((i >> 12) % 4 === 0 ? byte : byte ^ 0xff))),
    ],
  ])('of which there is %s, is refused in one line with exit code 1, not by a signal', async (_, damage) => {
    writeFileSync(store(), damage(readFileSync(store())));
    expect(await refusedStart(stack)).toEqual([expect.stringContaining(store())]);
  });

  it('only longer than it was, is none', async () => {
    appendFileSync(store(), Buffer.alloc(10_000, 0x5a));
    await stack.start();
    (await user.enterCode(user.phone.freshCode())).success();
  });
});

describe('a key ring', () => {
  it('of another store, under which no secret opens, is refused at the start in one line; with the right one all goes on', async () => {
    const file = join(stack.dataDir, 'vault-keys');
    const right = readFileSync(file, 'utf8');
    writeFileSync(file, `other:${randomBytes(32).toString('base64')}`);
    expect(await refusedStart(stack)).toEqual([
      `VAULT_KEYS does not contain the key ${right.split(':')[0]}, which stored secrets are encrypted with`,
    ]);
    writeFileSync(file, right);
    await stack.start();
    (await user.enterCode(user.phone.freshCode())).success();
  });
});

describe('a byte that changed', () => {
  it('in an event: who needs it is told 503, the log says which stream, it is ready no more, and all others go on', async () => {
    turnBitBehind(store(), await lastHash(), 60);
    await stack.start();
    expect(await unready()).toEqual({});
    for (let i = 0; i < 2; i += 1) {
      (await gateway.openChallenge(portal.id, user.id)).refused('unavailable');
      (await user.enterPassword()).refused('unavailable');
    }
    const told = stack
      .output()
      .split('\n')
      .filter((line) => line.includes('"level":"error"'));
    expect(told.some((line) => line.includes(streamOfUser()) && line.includes('damaged'))).toBe(true);
    (await other.enterCode(other.phone.freshCode())).success();
    (await other.fail(1)).refused('wrong-code');
    expect(
      (await portal.api.accounts(portal.id, { query: other.credentials.username })).success().accounts,
    ).toHaveLength(1);
    expect((await stack.api.raw('GET', '/health/live')).status).toBe(200);
    expect(await unready()).toEqual({ 'two-factor': 'store-unavailable' });
  });

  it('in a secret: its code is judged by nobody and counts nothing, and all others go on', async () => {
    const events = await lookInto(stack.dataDir, 'two-factor', eventsIn);
    const secretId = String(events.get(streamOfUser())?.[0]?.data.secretId);
    const entries = await lookInto(stack.dataDir, 'two-factor', (file) => file.records('vault'));
    const entry = entries.find(({ key }) => key.join('/') === `${streamOfUser()}/${secretId}`);
    turnBitBehind(store(), (entry?.value as { sealed: string }).sealed.slice(0, 20), 5);
    // met when the start looks into the vault
    await stack.start(async () => Object.values(await unready().catch(() => ({}))).join() === 'store-unavailable');
    for (let i = 0; i < 6; i += 1) (await user.enterCode(user.phone.freshCode())).refused('unavailable');
    expect(await unready()).toEqual({ 'two-factor': 'store-unavailable' });
    (await user.enterBackupCode(user.backupCodes[0] as string)).success();
    (await other.enterCode(other.phone.freshCode())).success();
    (await portal.api.disableFor(portal.id, user.id)).success();
    expect((await user.enterPassword()).success().status).toBe('complete');
  });

  it('in a password: nobody logs in by it, and all others go on', async () => {
    const passwords = await lookInto(stack.dataDir, 'identity', (file) => file.records('passwords'));
    const found = passwords.find(({ key }) => key.join('/').startsWith(streamOfUser()));
    turnBitBehind(store('identity'), JSON.stringify(found?.value).slice(0, -12), 2);
    await stack.start();
    (await user.enterPassword()).refused('unavailable');
    expect(await unready()).toEqual({ identity: 'store-unavailable' });
    (await other.enterCode(other.phone.freshCode())).success();
  });
});

describe('a log that is not whole', () => {
  const notWhole = expect.stringContaining('The log of two-factor is NOT intact. Run twinlock verify for details.');

  it('is not built upon by twinlock rebuild, which changes nothing and ends with an error', async () => {
    turnBitBehind(store(), await lastHash(), 60);
    const before = readFileSync(store('audit'));
    expect(await runTool(stack, 'rebuild')).toMatchObject({ code: 1, stdout: '', stderr: notWhole });
    expect(readFileSync(store('audit')).equals(before)).toBe(true);
  });

  it('is copied by twinlock backup, which ends with an error', async () => {
    const sound = await runTool(stack, 'backup', `${stack.dataDir}-backup`);
    expect(sound).toMatchObject({ code: 0, stderr: '' });
    turnBitBehind(store(), await lastHash(), 60);
    const target = `${stack.dataDir}-damaged`;
    expect(await runTool(stack, 'backup', target)).toMatchObject({ code: 1, stderr: notWhole });
    expect(statSync(storeOf(target, 'two-factor')).size).toBeGreaterThan(0);
  });
});

describe('twinlock verify', () => {
  it('finds nothing in whole logs, beside a server and without one', async () => {
    expect(await verify()).toMatchObject({ code: 0, stdout: expect.stringContaining('The logs are intact.') });
    await stack.start();
    await user.fail(1);
    expect(await verify()).toMatchObject({ code: 0, stdout: expect.stringContaining('The logs are intact.') });
  });

  it('finds a changed byte, and names the stream', async () => {
    turnBitBehind(store(), await lastHash(), 60);
    const { code, stdout } = await verify();
    expect([code, stdout.includes(streamOfUser()), stdout.includes(`${portal.id}/${other.id}`)]).toEqual([
      1,
      true,
      false,
    ]);
  });

  it('finds a tail that was cut: an older store put back', async () => {
    await stack.start();
    await user.fail(1);
    await portal.allEvents();
    await stack.shutDown();
    whole.restoreStore('two-factor');
    const { code, stdout } = await verify();
    expect([code, stdout]).toEqual([1, expect.stringMatching(new RegExp(`cut: ${streamOfUser()} event \\d+`))]);
    expect(stdout).not.toContain(`${portal.id}/${other.id}`);
    await stack.start();
    const { verification } = (await stack.operator.installation()).success();
    expect(verification).toMatchObject({ intact: false, problems: 1, chainBreaks: 0 });
  });

  it.each<[string, Parameters<typeof rewriteLog>[1]]>([
    ['another actor', (form) => ({ ...form, ...(isFailure(form) && { actor: { kind: 'operator' } }) })],
    ['another time', (form) => ({ ...form, ...(isFailure(form) && { time: form.time.replace(/\d\dZ$/, '00Z') }) })],
    ['a failure left out', (form) => (isFailure(form) && form.data.failedAttempts === 2 ? null : form)],
  ])('finds a chain that was computed anew: %s (Keycloak #45303)', async (_, change) => {
    await rewriteLog(stack.dataDir, (form, stream) => (stream === streamOfUser() ? change(form, stream) : form));
    const { code, stdout } = await verify();
    expect([code, stdout]).toEqual([1, expect.stringMatching(new RegExp(`(rewritten|cut): ${streamOfUser()}`))]);
    expect(stdout).not.toContain(`${portal.id}/${other.id}`);
  });

  it('is not set off by a log that was computed anew without any change', async () => {
    await rewriteLog(stack.dataDir, (form) => form);
    expect(await verify()).toMatchObject({ code: 0 });
  });

  it('says in one line that there is nothing, or that a store is cut off', async () => {
    truncateSync(store(), 8192);
    expect(await verify()).toMatchObject({ code: 1, stderr: expect.stringContaining(store()) });
  });
});

const isFailure = (form: { type: string }): boolean => shortType(form) === 'AttemptFailed';
