import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { jest } from '@jest/globals';

// all of it is the processor's work, which other stages want too
jest.setTimeout(600_000);

const program = join(import.meta.dirname, '../../dist/test/simulation/simulate.js');
const kept = JSON.parse(readFileSync(join(import.meta.dirname, 'kept-seeds.json'), 'utf8')) as number[];

/** What it prints; a story where it finds something. */
async function simulate(...args: string[]): Promise<string> {
  const run = promisify(execFile)(process.execPath, ['--no-warnings', program, ...args], {
    maxBuffer: 64 * 1024 * 1024,
  });
  const { stdout } = await run.catch((error: unknown) => {
    const { stdout: story = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`${story}\n${stderr}`);
  });
  return stdout.trim();
}

describe('a simulated world', () => {
  it.each(kept)('keeps its promises with seed %i, which found something once', async (seed) => {
    expect(await simulate('--seed', `${seed}`)).toContain('nothing was found');
  });

  it('keeps its promises with twenty seeds', async () => {
    expect(await simulate('--seeds', '1-20')).toContain('nothing was found');
  });

  it('keeps its promises with fresh seeds for a minute', async () => {
    expect(await simulate('--minutes', '1', '--whole')).toContain('nothing was found');
  });

  it('goes the very same way again with the same seed, and another with another', async () => {
    const prints = (args: string[]) => simulate('--print', ...args);
    const [one, again, both, other] = await Promise.all([
      prints(['--seed', '7']),
      prints(['--seed', '7']),
      prints(['--seeds', '6-7']),
      prints(['--seed', '8']),
    ]);
    const printOf = (seed: number, said: string) => said.split('\n').find((line) => line.startsWith(`seed ${seed}: `));
    expect(printOf(7, one)).toBeDefined();
    expect(printOf(7, again)).toBe(printOf(7, one));
    // also after another world in the same process
    expect(printOf(7, both)).toBe(printOf(7, one));
    expect(printOf(8, other)?.slice(8)).not.toBe(printOf(7, one)?.slice(8));
  });
});
