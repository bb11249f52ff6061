import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesIn } from '#test/support/secrets.js';
import { vaultEntries } from '#test/support/stored/vault-entries.js';
import { until } from '#test/support/until.js';
import { usePortal, useStack } from '#test/support/use-stack.js';

const stack = useStack();
const portal = usePortal(stack);

/** What the operator's tool says: how many entries the vault has under each key, the present one first. */
async function entries(): Promise<number[]> {
  const { stdout } = await stack.run('keys', 'status');
  return [...stdout.matchAll(/: (\d+) entries/g)].map((match) => Number(match[1]));
}
const total = () => vaultEntries(stack);

/** The key material in DATA_DIR/vault-keys, each key as text and as bytes. */
const keys = (): string[] =>
  readFileSync(join(stack.dataDir, 'vault-keys'), 'utf8').match(/[A-Za-z0-9+/_-]{40,}={0,2}/g) ?? [];

describe('what is destroyed', () => {
  it('R11 the secret and the backup codes are out of the vault when disabling answers', async () => {
    const none = await total();
    const user = await portal.enrolled();
    expect(await total()).toBeGreaterThan(none);
    (await user.api.disable()).success();
    expect(await total()).toBe(none);
  });

  it('R12 so they are when an administrator disables, and when a setup is ended', async () => {
    const none = await total();
    const [user, pending, mistaken] = [await portal.enrolled(), await portal.contributor(), await portal.contributor()];
    await pending.beginSetUp();
    await mistaken.beginSetUp();
    (await portal.api.disableFor(portal.id, user.id)).success();
    (await pending.api.disable()).success();
    expect(await total()).toBe(none + 1);
    for (let i = 0; i < 10; i += 1) (await mistaken.api.confirm(mistaken.phone.wrongCode())).refused('wrong-code');
    expect(await total()).toBe(none);
  });

  it('R13 the old secret is out of the vault when resetting answers, also when the process is killed then', async () => {
    const user = await portal.contributor();
    const none = await total();
    await user.beginSetUp();
    const pending = await total();
    (await user.api.confirm(user.phone.freshCode())).success();
    const enabled = await total();
    expect([none < pending, pending < enabled]).toEqual([true, true]);

    user.scan((await user.api.reset()).success().otpauthUri);
    expect(await total()).toBe(pending);
    (await user.api.confirm(user.phone.freshCode())).success();
    expect(await total()).toBe(enabled);
    user.scan((await user.api.reset()).success().otpauthUri);
    await stack.restart();
    expect(await total()).toBe(pending);
    (await user.api.disable()).success();
    expect(await total()).toBe(none);
  });

  it('R13 a second setup leaves nothing of the first, new backup codes nothing of the old', async () => {
    const user = await portal.contributor();
    await user.beginSetUp();
    const pending = await total();
    await user.beginSetUp();
    expect(await total()).toBe(pending);
    (await user.api.confirm(user.phone.freshCode())).success();
    const enabled = await total();
    (await user.api.newBackupCodes()).success();
    expect(await total()).toBe(enabled);
  });
});

describe('the keys of the vault', () => {
  it('R13 are rotated while the product serves; then nothing is left that the old one opens, and the old one is gone', async () => {
    const user = await portal.enrolled();
    const [old] = keys();
    await stack.run('keys', 'rotate');
    await until('all is under the new key', async () => {
      const [present = 0, ...others] = await entries();
      return present > 0 && others.every((count) => count === 0);
    });
    await stack.run('keys', 'retire');
    expect(keys()).toHaveLength(1);
    expect(keys()).not.toContain(old);
    (await user.enterCode(user.phone.freshCode())).success();
    await stack.restart();
    (await user.enterCode(user.phone.freshCode())).success();
    (await user.enterBackupCode(user.backupCodes[0] as string)).success();
  });

  it('R13 are in no backup', async () => {
    await portal.enrolled();
    await stack.shutDown();
    const backup = join(stack.dataDir, '../backup');
    await stack.backUp(backup);
    await stack.start();
    const files = filesIn(backup);
    expect(files.some((file) => readFileSync(file).includes(portal.id))).toBe(true);
    for (const key of keys()) {
      for (const form of [Buffer.from(key), Buffer.from(key, 'base64'), Buffer.from(key, 'hex')]) {
        if (form.length >= 16) expect(files.filter((file) => readFileSync(file).includes(form))).toEqual([]);
      }
    }
  });
});
