import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type Stack, twinlock } from './stack.js';

export interface ImportRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Surroundings {
  readonly env?: Record<string, string>;
  /** Standard input. */
  readonly input?: string | Buffer;
}

/** `twinlock import …` as the operator of the stack calls it. */
export async function runImport(
  stack: Pick<Stack, 'env'>,
  args: readonly string[],
  { env = {}, input = '' }: Surroundings = {},
): Promise<ImportRun> {
  const child = spawn(process.execPath, [twinlock, 'import', ...args], { env: { ...stack.env(), ...env } });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  // it may end before it has read everything
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}
