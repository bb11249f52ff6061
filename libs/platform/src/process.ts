import { SettingError } from './config.js';
import type { Started } from './start.js';

/**
 * The life of a process: starts, prints where it is, stops at SIGINT or SIGTERM. What the operator can mend (a setting,
 * the port, the data) ends it with one line and exit code 1; a second signal ends it at once.
 */
export async function runUntilStopped(begin: () => Promise<Pick<Started, 'url' | 'close'>>): Promise<void> {
  let started: Pick<Started, 'url' | 'close'>;
  try {
    started = await begin();
  } catch (error) {
    const line = oneLine(error);
    if (line === undefined) throw error;
    process.stderr.write(`${line}\n`);
    process.exit(1);
  }
  process.stdout.write(`Twinlock is at ${started.url}\n`);

  let stopping = false;
  const stop = (): void => {
    if (stopping) process.exit(1);
    stopping = true;
    void started.close().then(() => process.exit(0));
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
}

/** Undefined for what nobody foresaw: that deserves its stack. */
export function oneLine(error: unknown): string | undefined {
  if (error instanceof SettingError) return error.message;
  if (!(error instanceof Error)) return undefined;
  // by name, since each engine has its own adapter
  if (error.name === 'StoreDamaged' || error.name === 'StoreUnavailable') return error.message;
  switch ((error as NodeJS.ErrnoException).code) {
    case 'EADDRINUSE':
      return 'PORT is in use by another process';
    case 'EACCES':
      return `PORT or DATA_DIR is not allowed: ${error.message}`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return 'HOST is no address of this machine';
    case 'ENOSPC':
      return 'DATA_DIR has no space left';
    default:
      return undefined;
  }
}
