import mongoose from 'mongoose';
import { answerJobs } from '../../process/child.js';
import { type Flow, inFlight } from '../in-flight.js';

export interface InsertsJob {
  readonly url: string;
  readonly lanes: number;
  readonly ofEach: number;
  /** Those that wait share an `insertMany`, two on their way; else each is sent by itself. */
  readonly shared: boolean;
  /** Of what is inserted. */
  readonly text: string;
}

interface Waiting {
  readonly document: object;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

const { MongoClient } = mongoose.mongo;
const clients = new Map<string, mongoose.mongo.MongoClient>();

/** The driver alone: durable inserts of documents like a commit's, under the same unique index. */
answerJobs<InsertsJob, Flow>(async ({ url, lanes, ofEach, shared, text }) => {
  const client =
    clients.get(url) ?? (await new MongoClient(url, { writeConcern: { w: 'majority', journal: true } }).connect());
  clients.set(url, client);
  const collection = client.db().collection(`inserts-${Date.now()}`);
  await collection.createIndex({ stream: 1, version: 1 }, { unique: true });
  const documentOf = (lane: number, version: number) => ({ stream: `bench/${lane}`, version, text });

  let waiting: Waiting[] = [];
  let onTheirWay = 0;
  const send = (): void => {
    while (onTheirWay < 2 && waiting.length > 0) {
      const bulk = waiting;
      waiting = [];
      onTheirWay++;
      collection
        .insertMany(
          bulk.map(({ document }) => document),
          { ordered: false },
        )
        .then(
          () => bulk.forEach(({ done }) => done()),
          (error: unknown) => bulk.forEach(({ failed }) => failed(error)),
        )
        .finally(() => {
          onTheirWay--;
          send();
        });
    }
  };
  const together = (document: object): Promise<void> =>
    new Promise((done, failed) => {
      if (waiting.push({ document, done, failed }) === 1) setImmediate(send);
    });
  const flow = await inFlight(lanes, ofEach, (lane, index) =>
    shared ? together(documentOf(lane, index)) : collection.insertOne(documentOf(lane, index)),
  );
  await collection.drop();
  return flow;
});
