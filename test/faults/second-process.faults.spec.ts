import { apart, itApart } from '#test/support/process/apart.js';
import { endProcess } from '#test/support/process/end-process.js';
import type { Person } from '#test/support/people/portal.js';
import { standalone, startStack, twinlock } from '#test/support/process/stack.js';
import { Started } from '#test/support/process/started.js';
import { until } from '#test/support/until.js';
import { usePortal, useStack } from '#test/support/use-stack.js';
import { refusedStart, runTool } from './support/data.js';

const stack = useStack();
const portal = usePortal(stack);
let user: Person;
beforeAll(async () => {
  user = await portal.enrolled();
});

const inUse = expect.stringMatching(/^DATA_DIR .* is in use by another process$/);
const passes = async () => (await user.enterCode(user.phone.freshCode())).success();

/** On the same DATA_DIR, with everything else that the product has, as in another container. */
const startApart = (script: string, ...args: string[]) => new Started(script, stack.env(), apart, args);
const endedApart = (script: string, ...args: string[]) => startApart(script, ...args).ended();

describe('a second process on the same DATA_DIR', () => {
  it('is refused in one line, and the first goes on', async () => {
    const second = startStack({ env: { DATA_DIR: stack.dataDir } });
    await expect(second).rejects.toThrow(/ended at its start \(1\):[^]*DATA_DIR .* is in use by another process/);
    const printed = await second.catch((error: Error) => error.message.split('\n'));
    expect((printed as string[]).filter((line) => /^\s+at /.test(line))).toEqual([]);
    await passes();
    await stack.restart();
    await passes();
  });

  itApart('is refused in another container too, as every tool is, and the first goes on', async () => {
    expect(await endedApart(standalone)).toEqual({ code: 1, lines: [inUse] });
    expect(await endedApart(twinlock, 'rebuild')).toEqual({ code: 1, lines: [inUse] });
    expect(await endedApart(twinlock, 'backup', `${stack.dataDir}-backup`)).toEqual({ code: 1, lines: [inUse] });
    const there = expect.stringMatching(/^DATA_DIR .* is in use by another container: run this command there$/);
    expect(await endedApart(twinlock, 'verify')).toEqual({ code: 1, lines: [there] });
    await passes();
    expect(await runTool(stack, 'verify')).toMatchObject({ code: 0 });
    expect((await stack.api.raw('GET', '/health/ready')).status).toBe(200);
  });

  itApart('is refused while the first runs in another container, and goes on when that one was killed', async () => {
    await stack.shutDown();
    const first = startApart(standalone);
    try {
      await until('it serves', () => first.lines().some((line) => line.startsWith('Twinlock is at')));
      expect(await refusedStart(stack)).toEqual([inUse]);
    } finally {
      await endProcess(first.child, 'SIGKILL');
    }
    const started = () => stack.start().catch(() => false as const);
    await until('the kernel has ended what ran there', async () => (await started()) !== false);
    await passes();
  });
});

describe('a tool that changes the key ring', () => {
  it('is refused while another one does', async () => {
    const rotated = await Promise.all([1, 2, 3, 4].map(() => runTool(stack, 'keys', 'rotate')));
    const keys = rotated.flatMap(({ stdout }) => /^(\S+) is now the current key/.exec(stdout)?.[1] ?? []);
    expect(keys.length).toBeGreaterThan(0);
    for (const { code, stderr } of rotated.filter(({ code }) => code !== 0)) {
      expect([code, stderr]).toEqual([1, expect.stringMatching(/vault-keys is being changed by another process\n$/)]);
    }
    const { stdout } = await runTool(stack, 'keys', 'status');
    for (const key of keys) expect(stdout).toContain(`${key}: `);
  });
});
