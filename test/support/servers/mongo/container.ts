import { containerProcess, needDocker, START_MS } from '../docker.js';
import { answering, type MongoProcess } from '../mongo.js';

const IMAGE = 'mongo:8';
const PORT = 27017;

/** @throws Error why there is no container */
export async function startContainer(port: number): Promise<MongoProcess> {
  await needDocker();
  const { MongoDBContainer } = await import('@testcontainers/mongodb');
  const container = await new MongoDBContainer(IMAGE)
    // A port of its own choice would be another after each start.
    .withExposedPorts({ container: PORT, host: port })
    .withStartupTimeout(START_MS)
    .start();
  const origin = container.getConnectionString();
  return { origin, ...containerProcess(container, () => answering(origin, START_MS)) };
}
