import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { answering, type MongoProcess } from '../mongo.js';

const IMAGE = 'mongo:8';
/** To bring the image and to start it. */
const START_MS = 180_000;
const PORT = 27017;

const docker = async (...args: string[]): Promise<void> => {
  await promisify(execFile)('docker', args, { timeout: 10_000 });
};

/** @throws Error why there is no container */
export async function startContainer(port: number): Promise<MongoProcess> {
  await docker('info').catch(() => {
    throw new Error('no Docker daemon answers');
  });
  const { MongoDBContainer } = await import('@testcontainers/mongodb');
  const container = await new MongoDBContainer(IMAGE)
    // A port of its own choice would be another after each start.
    .withExposedPorts({ container: PORT, host: port })
    .withStartupTimeout(START_MS)
    .start();
  const origin = container.getConnectionString();
  const id = container.getId();
  return {
    origin,
    kill: () => docker('kill', '--signal', 'KILL', id),
    async start() {
      await docker('start', id);
      await answering(origin, START_MS);
    },
    freeze: () => docker('pause', id),
    thaw: () => docker('unpause', id),
    async remove() {
      await container.stop();
    },
  };
}
