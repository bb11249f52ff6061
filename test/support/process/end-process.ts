import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** Its exit code when it has ended; null when a signal ended it, or there was none. */
export async function endProcess(
  child: ChildProcess | null | undefined,
  signal: 'SIGTERM' | 'SIGKILL',
): Promise<number | null> {
  if (child?.exitCode === null && child.signalCode === null) {
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }
  return child?.exitCode ?? null;
}
