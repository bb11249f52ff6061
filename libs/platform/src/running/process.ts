import { SettingError } from '../settings/setting-error.js';
import { harden } from './harden.js';
import type { Started } from './start.js';

type Running = Pick<Started, 'url' | 'close'>;

/**
 * The life of a process: starts, prints where it is, stops at SIGINT or SIGTERM, also while it starts. What the operator
 * can mend (a setting, the port, the data) ends it with one line and exit code 1; a second signal ends it at once.
 * `begin` waits for nothing any more once its signal is aborted.
 */
export async function runUntilStopped(begin: (stopping: AbortSignal) => Promise<Running>): Promise<void> {
  harden();
  const stopping = new AbortController();
  const { signal } = stopping;
  const starting = Promise.resolve(signal).then(begin);
  const stop = (): void => {
    if (signal.aborted) process.exit(1);
    stopping.abort();
    void starting
      .then((running) => running.close())
      .then(() => process.exit(0))
      .catch((error: unknown) => process.exit(isAbort(error) ? 0 : 1));
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);

  try {
    const { url } = await starting;
    if (!signal.aborted) process.stdout.write(`Twinlock is at ${url}\n`);
  } catch (error) {
    if (signal.aborted && isAbort(error)) return;
    const line = oneLine(error);
    if (line === undefined) throw error;
    process.stderr.write(`${line}\n`);
    process.exit(1);
  }
}

const isAbort = (error: unknown): boolean => error instanceof Error && error.name === 'AbortError';

/** Undefined for what nobody foresaw: that deserves its stack. */
export function oneLine(error: unknown): string | undefined {
  if (error instanceof SettingError) return error.message;
  if (!(error instanceof Error)) return undefined;
  // by name, since each engine has its own adapter
  if (error.name === 'StoreDamaged' || error.name === 'StoreUnavailable') return error.message;
  if (error.name === 'InvalidUrl') return `MONGO_URL ${error.message}`;
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (syscall === 'listen' || syscall === 'getaddrinfo') return cannotListen(code);
  switch (code) {
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return `DATA_DIR may not be used here: ${error.message}`;
    case 'ENOTDIR':
    case 'EEXIST':
      return `DATA_DIR is not a directory: ${error.message}`;
    case 'ENOSPC':
      return 'DATA_DIR has no space left';
    default:
      return undefined;
  }
}

/** Of all else that is asked for by its name or its port, an engine that is not there is waited for. */
function cannotListen(code = ''): string {
  switch (code) {
    case 'EADDRINUSE':
      return 'PORT is in use by another process';
    case 'EACCES':
      return 'PORT may not be used by this user';
    case 'EAI_AGAIN':
      return 'HOST cannot be resolved: DNS does not answer';
    default:
      return `HOST is not an address of this machine (${code})`;
  }
}
