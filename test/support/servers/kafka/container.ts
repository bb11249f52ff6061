import { freePort } from '#libs/platform/src/testing/free-port.js';
import { containerProcess, needDocker, START_MS } from '../docker.js';
import { answering, type KafkaProcess } from '../kafka.js';

const IMAGE = 'confluentinc/cp-kafka:8.1.0';
/** The listener that testcontainers advertises outside. */
const PORT = 9093;

/** @throws Error why there is no container */
export async function startContainer(): Promise<KafkaProcess> {
  await needDocker();
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
  return { broker, ...containerProcess(container, () => answering(broker, START_MS)) };
}
