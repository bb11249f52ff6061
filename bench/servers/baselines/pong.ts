import { Batches, kafkaAt, reading } from './kafka-batches.js';

/** Bare kafkajs: answers each message with itself. */
const [brokers = ''] = process.argv.slice(2);
const kafka = kafkaAt((process.env.KAFKA_BROKERS ?? brokers).split(','));
const producer = kafka.producer({ maxInFlightRequests: 8 });
await producer.connect();
const replies = new Batches(producer, 'bare.pong');
await reading(kafka, 'bare.ping', 'bare.pong', ({ key, value }) => replies.send({ key, value }));
console.log('Pong is ready, not at http://127.0.0.1:0');
process.on('SIGTERM', () => process.exit(0));
