import type { mongo } from 'mongoose';
import { Batcher } from '../driver/batcher.js';
import type { MongoConnection } from '../driver/connection.js';
import type { RecordDocument } from '../schemas.js';

interface Read {
  readonly collection: string;
  readonly key: string;
  readonly resolve: (value: string | undefined) => void;
  readonly reject: (error: unknown) => void;
  /** Nobody waits for it any more. */
  abandoned: boolean;
}

/** Reads of one query. */
const READS = 250;
/** Few, so that batches grow under load; two, so that one silent connection holds up only half of the reads. */
const IN_FLIGHT = 2;

/**
 * Reads single records of any collection. Reads that are asked for at the same time share a query, which begins after each of
 * them was asked for (R28).
 */
export class BatchedReads {
  readonly #batches = new Batcher<Read>(
    IN_FLIGHT,
    ({ length }) => Math.min(length, READS),
    (batch) => this.#read(batch),
  );

  constructor(
    private readonly connection: MongoConnection,
    private readonly documents: mongo.Collection<RecordDocument>,
  ) {}

  /** Undefined: there is none. Waiting for its turn is part of the time that an operation may take. @throws StoreUnavailable */
  async get(collection: string, key: string): Promise<string | undefined> {
    let read: Read | undefined;
    try {
      return await this.connection.run(
        () =>
          new Promise<string | undefined>((resolve, reject) => {
            read = { collection, key, resolve, reject, abandoned: false };
            this.#batches.add(read);
          }),
      );
    } finally {
      if (read !== undefined) read.abandoned = true;
    }
  }

  async #read(all: readonly Read[]): Promise<void> {
    const batch = all.filter(({ abandoned }) => !abandoned);
    if (batch.length === 0) return;
    const asked = new Map<string, Map<string, string | undefined>>();
    for (const { collection, key } of batch) ofCollection(asked, collection).set(key, undefined);
    const filters = [...asked].map(([collection, keys]) => ({ collection, key: { $in: [...keys.keys()] } }));
    try {
      const found = await this.connection.collect(() =>
        this.documents.find(filters.length === 1 ? filters[0]! : { $or: filters }, {
          projection: { collection: 1, key: 1, value: 1 },
          batchSize: READS,
        }),
      );
      for (const { collection, key, value } of found) ofCollection(asked, collection).set(key, value);
      for (const { collection, key, resolve } of batch) resolve(asked.get(collection)?.get(key));
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}

function ofCollection<Value>(all: Map<string, Map<string, Value>>, collection: string): Map<string, Value> {
  const values = all.get(collection) ?? new Map<string, Value>();
  all.set(collection, values);
  return values;
}
