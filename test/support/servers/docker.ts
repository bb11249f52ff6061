import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { ServerProcess } from './server-process.js';

/** To bring the image and to start it. */
export const START_MS = 180_000;

const docker = async (...args: string[]): Promise<void> => {
  await promisify(execFile)('docker', args, { timeout: 10_000 });
};

/** @throws Error there is none */
export async function needDocker(): Promise<void> {
  await docker('info').catch(() => {
    throw new Error('no Docker daemon answers');
  });
}

/** @param serves resolves when it does, after a start */
export function containerProcess(
  container: { getId(): string; stop(): Promise<unknown> },
  serves: () => Promise<void>,
): ServerProcess {
  const id = container.getId();
  return {
    kill: () => docker('kill', '--signal', 'KILL', id),
    async start() {
      await docker('start', id);
      await serves();
    },
    freeze: () => docker('pause', id),
    thaw: () => docker('unpause', id),
    async remove() {
      await container.stop();
    },
  };
}
