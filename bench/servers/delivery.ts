import { setTimeout as sleep } from 'node:timers/promises';
import { answerJobs } from '../process/child.js';
import { countOf, kafkaAt, reading } from './baselines/kafka-batches.js';
import { percentiles } from './in-flight.js';

export interface DeliveryJob {
  readonly brokers: readonly string[];
  readonly topic: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Verifications, one after the other, each of which is one event. */
  readonly bodies: readonly string[];
  readonly pauseMs: number;
}
export interface Delivered {
  /** Milliseconds from the answer over HTTP to the event at a consumer from outside; 0 where it was there before. */
  readonly p50: number;
  readonly p99: number;
}

/** From the answer to the event at a consumer with nothing but kafkajs, in one process, by one clock. */
answerJobs<DeliveryJob, Delivered>(async ({ brokers, topic, url, headers, bodies, pauseMs }) => {
  const seen: number[] = [];
  const kafka = kafkaAt(brokers);
  const before = await countOf(kafka, topic);
  const consumer = await reading(kafka, topic, `delivery-${Date.now()}`, () => seen.push(performance.now()));
  while (seen.length < before) await sleep(20);
  const answered: number[] = [];
  for (const body of bodies) {
    const response = await fetch(url, { method: 'POST', headers, body });
    await response.text();
    if (response.status !== 401) throw new Error(`a wrong code was answered ${response.status}`);
    answered.push(performance.now());
    await sleep(pauseMs);
  }
  while (seen.length < before + answered.length) await sleep(20);
  await consumer.disconnect();
  return percentiles(answered.map((at, index) => Math.max(0, seen[before + index]! - at)));
});
