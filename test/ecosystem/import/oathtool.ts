import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';

export interface Parameters {
  readonly algorithm: 'SHA1' | 'SHA256' | 'SHA512';
  readonly digits: 6 | 8;
  readonly period: 30 | 60;
}

export const missingOathtool =
  spawnSync('oathtool', ['--version']).status === 0 ? undefined : 'no oathtool: apt-get install oathtool';

/** What an app by other people shows now. */
export async function codeOf(secret: Buffer, { algorithm, digits, period }: Parameters): Promise<string> {
  const form = [`--totp=${algorithm}`, `--digits=${digits}`, `--time-step-size=${period}s`, '-'];
  const oathtool = promisify(execFile)('oathtool', form);
  oathtool.child.stdin!.end(secret.toString('hex'));
  return (await oathtool).stdout.trim();
}
