import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ServiceScope, serviceScope } from '#libs/contracts/src/primitives.js';
import { usePortal, useStack } from '#test/support/use-stack.js';

const stack = useStack();
const portal = usePortal(stack);
const withKeys = ['identity', 'two-factor', 'admin-policy', 'openid'];
const installation = async () => (await stack.operator.installation()).success();
const installed = async (...command: string[]) =>
  stack
    .run('installation', ...command)
    .then(({ stdout }) => ({ code: 0, stdout }))
    .catch((error: { code: number; stdout: string }) => error);

describe('what the operator is told of the installation', () => {
  it('is told to nobody else', async () => {
    (await stack.api.installation()).refused('unauthenticated');
    (await stack.api.as('x'.repeat(40)).installation()).refused('unauthenticated');
    (await portal.api.installation()).refused('forbidden');
    (await (await portal.enrolled()).api.installation()).refused('forbidden');
    const scopes = [...serviceScope.options] as ServiceScope[];
    (await (await portal.service(...scopes)).installation()).refused('forbidden');
  });

  it('is each app with its readiness, dead letters and keys, of which nothing but ids and times', async () => {
    const user = await portal.enrolled();
    const { apps } = await installation();
    expect(apps.map(({ app, status, deadLetters }) => [app, status, deadLetters]).sort()).toEqual(
      [...withKeys, 'audit'].sort().map((app) => [app, 'ok', { count: 0, newest: [] }]),
    );
    const rings = apps.filter(({ keyRing }) => keyRing);
    expect(rings.map(({ app }) => app)).toEqual(withKeys);
    for (const { keyRing: ring } of rings) {
      expect(ring?.keys).toHaveLength(1);
      expect(ring).toMatchObject({ reEncryption: 'complete', rotationAdvised: false });
      const age = stack.clock.now() - Date.parse(ring?.keys[0]?.firstSeenAt ?? '');
      expect(Math.abs(age)).toBeLessThan(600_000);
    }
    const { text } = await stack.operator.raw('GET', '/v1/installation');
    const secrets = [stack.operatorToken, portal.id, user.id, user.credentials.username];
    const kept = join(stack.dataDir, 'vault-keys');
    if (existsSync(kept)) secrets.push(readFileSync(kept, 'utf8').trim().split(':')[1]!);
    for (const secret of secrets) expect([secret, text.includes(secret)]).toEqual([secret, false]);
  });

  it('is when the logs were verified last, once they were', async () => {
    expect((await installation()).verification).toBeNull();
    const before = Date.now();
    const { logs } = JSON.parse((await stack.run('verify', '--json')).stdout) as { logs: { events: number }[] };
    const { verification } = await installation();
    expect(verification).toMatchObject({ intact: true, problems: 0, chainBreaks: 0 });
    expect(verification?.events).toBe(logs.reduce((sum, { events }) => sum + events, 0));
    expect(Date.parse(verification?.at ?? '')).toBeGreaterThanOrEqual(before - 1);

    const asJson = JSON.parse((await installed('--json')).stdout) as { verification: unknown };
    expect(asJson.verification).toEqual(verification);
    const { code, stdout } = await installed();
    expect(code).toBe(0);
    expect(stdout).toContain(`The logs were intact at ${verification!.at}: ${verification!.events} events.`);
    expect(stdout).toMatch(/^two-factor +ok /m);
  });

  it('says when keys should be rotated', async () => {
    stack.clock.advance(366 * 86_400);
    const { apps } = await installation();
    expect(apps.filter(({ keyRing }) => keyRing?.rotationAdvised).map(({ app }) => app)).toEqual(withKeys);
    expect((await installed()).stdout).toContain('rotate it: twinlock keys rotate');
    await stack.run('keys', 'rotate', '--wait');
    const { apps: rotated } = await installation();
    for (const { keyRing } of rotated.filter(({ app }) => withKeys.includes(app))) {
      expect(keyRing?.keys.map(({ firstSeenAt }) => firstSeenAt !== undefined)).toEqual([true, true]);
      expect(keyRing).toMatchObject({ rotationAdvised: false, reEncryption: 'complete' });
    }
  });
});
