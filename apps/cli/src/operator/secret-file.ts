import { closeSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { readSettingFile } from '#libs/platform/src/settings/files.js';
import { usageError } from '../command/exit.js';

/**
 * A secret that is told once, into a file for its owner alone. The file is there before the secret, which nobody would have else.
 * Without a secret no file is left. @throws CommandError
 */
export async function intoFile<Issued>(
  path: string,
  issue: () => Promise<Issued>,
  secretOf: (issued: Issued) => string | undefined,
): Promise<Issued> {
  const file = opened(path);
  let secret: string | undefined;
  try {
    const issued = await issue();
    secret = secretOf(issued);
    if (secret !== undefined) writeSync(file, `${secret}\n`);
    fsyncSync(file);
    return issued;
  } finally {
    closeSync(file);
    if (secret === undefined) rmSync(path, { force: true });
  }
}

function opened(path: string): number {
  try {
    return openSync(path, 'wx', 0o600);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw usageError(code === 'EEXIST' ? `${path} is there already` : `${path} cannot be written (${code})`);
  }
}

/** @throws CommandError it is no JSON; SettingError it cannot be read */
export function jsonIn(option: string, what: string, file: string): unknown {
  try {
    return JSON.parse(readSettingFile(option, file));
  } catch (error) {
    if (error instanceof SyntaxError) throw usageError(`${option} names a file that is no ${what}: ${file}`);
    throw error;
  }
}
