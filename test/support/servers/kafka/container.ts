import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { freePort } from '#libs/platform/src/testing/free-port.js';
import { answering, type KafkaProcess } from '../kafka.js';

const IMAGE = 'confluentinc/cp-kafka:8.1.0';
/** To bring the image and to start it. */
const START_MS = 180_000;
/** The listener that testcontainers advertises outside. */
const PORT = 9093;

const docker = async (...args: string[]): Promise<void> => {
  await promisify(execFile)('docker', args, { timeout: 10_000 });
};

/** @throws Error why there is no container */
export async function startContainer(): Promise<KafkaProcess> {
  await docker('info').catch(() => {
    throw new Error('no Docker daemon answers');
  });
  const { KafkaContainer } = await import('@testcontainers/kafka');
  const port = await freePort();
  const container = await new KafkaContainer(IMAGE)
    .withKraft()
    // A port of its own choice would be another after each start.
    .withExposedPorts({ container: PORT, host: port })
    .withEnvironment({
      KAFKA_AUTO_CREATE_TOPICS_ENABLE: 'false',
      KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS: '0',
      KAFKA_GROUP_MIN_SESSION_TIMEOUT_MS: '500',
    })
    .withStartupTimeout(START_MS)
    .start();
  const broker = `${container.getHost()}:${port}`;
  const id = container.getId();
  return {
    broker,
    kill: () => docker('kill', '--signal', 'KILL', id),
    async start() {
      await docker('start', id);
      await answering(broker, START_MS);
    },
    freeze: () => docker('pause', id),
    thaw: () => docker('unpause', id),
    async remove() {
      await container.stop();
    },
  };
}
