import { busContract } from '../testing/bus-contract.js';
import { kafkaGround } from './testing/kafka-ground.js';
import { withKafka } from './testing/with-kafka.js';

await withKafka('bus', ({ brokers }) => busContract('Kafka', async () => kafkaGround(brokers)));
