import type { Consumer, Producer } from 'kafkajs';
import { answerJobs } from '../../process/child.js';
import { type Flow, inFlight } from '../in-flight.js';
import { Batches, kafkaAt, reading } from './kafka-batches.js';

export interface PingJob {
  readonly brokers: readonly string[];
  readonly lanes: number;
  readonly ofEach: number;
  readonly text: string;
}

const pending = new Map<string, () => void>();
let open: { requests: Batches; producer: Producer; consumer: Consumer } | undefined;
let last = 0;

async function connect(brokers: readonly string[]) {
  const kafka = kafkaAt(brokers);
  const producer = kafka.producer({ maxInFlightRequests: 8 });
  await producer.connect();
  const consumer = await reading(kafka, 'bare.pong', 'bare.ping', ({ key }) => pending.get(String(key))?.());
  return { requests: new Batches(producer, 'bare.ping'), producer, consumer };
}

/** Bare kafkajs: requests in batches over one topic, replies in batches over another. */
answerJobs<PingJob, Flow>(async ({ brokers, lanes, ofEach, text }) => {
  const { requests } = (open ??= await connect(brokers));
  return inFlight(lanes, ofEach, () => {
    const key = (last += 1).toString(36);
    const replied = new Promise<void>((resolve) => pending.set(key, resolve));
    requests.send({ key, value: text });
    return replied.then(() => pending.delete(key));
  });
});
