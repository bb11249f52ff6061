import canonicalize from 'canonicalize';
import mongoose, { type mongo } from 'mongoose';
import { type Key, type Records, StoreDamaged } from '../../port.js';
import type { MongoConnection } from '../driver/connection.js';
import { isDuplicate } from '../driver/errors.js';
import type { RecordDocument } from '../schemas.js';
import type { BatchedReads } from './batched-reads.js';
import { boundsOf, decodeKey, encodeKey } from './keys.js';

/** The package's types describe an ES module; Node loads CommonJS, whose default import is the function itself. */
const canonical = canonicalize as unknown as (value: unknown) => string;

/** Operations of one `write`, or deletions of one `clear`, that go to the server together. */
const BATCH = 100;
const CLEAR_BATCH = 1_000;
/** Two who put the same new key at once: the second finds it there. */
const UPSERTS = 5;

/** One collection of the port: the documents that carry its name. */
export class MongoRecords<Value> implements Records<Value> {
  constructor(
    private readonly connection: MongoConnection,
    private readonly documents: mongo.Collection<RecordDocument>,
    private readonly collection: string,
    private readonly reads: BatchedReads,
  ) {}

  async get(key: Key): Promise<Value | undefined> {
    const found = await this.reads.get(this.collection, encodeKey(key));
    return found === undefined ? undefined : this.#decode(key, found);
  }

  async put(key: Key, value: Value): Promise<void> {
    const text = encode(value);
    await this.#upserting(() => this.documents.updateOne(this.#at(key), { $set: { value: text } }, { upsert: true }));
  }

  async create(key: Key, value: Value): Promise<boolean> {
    const document = { _id: new mongoose.mongo.ObjectId(), ...this.#at(key), value: encode(value) };
    return this.connection.run(async () => {
      try {
        await this.documents.insertOne(document);
        return true;
      } catch (error) {
        if (!isDuplicate(error)) throw error;
        // The driver tries again when an answer is lost: then the one that is there may be this very one.
        const there = await this.documents.findOne(this.#at(key), { projection: { _id: 1 } });
        return there?._id.equals(document._id) ?? false;
      }
    });
  }

  /** Compared in the update: the filter is the whole key of the index, and nothing else is looked at to find the document. */
  async replace(key: Key, expected: Value, value: Value): Promise<boolean> {
    const from = encode(expected);
    const to = encode(value);
    // nothing would be written
    if (from === to) return (await this.reads.get(this.collection, encodeKey(key))) === from;
    const swapped = { $cond: [{ $eq: ['$value', { $literal: from }] }, { $literal: to }, '$value'] };
    const { modifiedCount } = await this.connection.run(() =>
      this.documents.updateOne(this.#at(key), [{ $set: { value: swapped } }]),
    );
    return modifiedCount === 1;
  }

  async delete(key: Key): Promise<boolean> {
    const { deletedCount } = await this.connection.run(() => this.documents.deleteOne(this.#at(key)));
    return deletedCount === 1;
  }

  async remove(key: Key, expected: Value): Promise<boolean> {
    const filter = { ...this.#at(key), value: encode(expected) };
    const { deletedCount } = await this.connection.run(() => this.documents.deleteOne(filter));
    return deletedCount === 1;
  }

  async list(range: Parameters<Records<Value>['list']>[0]): Promise<{ key: Key; value: Value }[]> {
    const { limit, reverse = false } = range;
    if (limit === 0) return [];
    const filter = { collection: this.collection, key: boundsOf(range) };
    const found = await this.connection.collect(() => {
      const cursor = this.documents.find(filter, { projection: { key: 1, value: 1 } }).sort({ key: reverse ? -1 : 1 });
      return limit === undefined ? cursor : cursor.limit(limit);
    });
    return found.map(({ key, value }) => ({ key: decodeKey(key), value: this.#decode(decodeKey(key), value) }));
  }

  async write(operations: readonly ({ put: Key; value: Value } | { delete: Key })[]): Promise<void> {
    // All that can be wrong with a key or a value shows here, before the server has the first of them.
    const steps = operations.map((operation): mongo.AnyBulkWriteOperation<RecordDocument> => {
      if ('delete' in operation) return { deleteOne: { filter: this.#at(operation.delete) } };
      const update = { $set: { value: encode(operation.value) } };
      return { updateOne: { filter: this.#at(operation.put), update, upsert: true } };
    });
    for (let start = 0; start < steps.length; start += BATCH) {
      await this.#upserting(() => this.documents.bulkWrite(steps.slice(start, start + BATCH)));
    }
  }

  async clear(): Promise<void> {
    const { collection } = this;
    for (;;) {
      const some = await this.connection.collect(() =>
        this.documents
          .find({ collection, key: { $gte: '' } }, { projection: { key: 1 } })
          .sort({ key: 1 })
          .limit(CLEAR_BATCH),
      );
      const last = some.at(-1);
      if (last === undefined) return;
      await this.connection.run(() => this.documents.deleteMany({ collection, key: { $lte: last.key } }));
    }
  }

  #at(key: Key): { collection: string; key: string } {
    return { collection: this.collection, key: encodeKey(key) };
  }

  /** What may be done again from its beginning. */
  #upserting(write: () => Promise<unknown>): Promise<void> {
    return this.connection.run(async () => {
      for (let tries = 1; ; tries++) {
        try {
          await write();
          return;
        } catch (error) {
          if (tries === UPSERTS || !isDuplicate(error)) throw error;
        }
      }
    });
  }

  #decode(key: Key, text: string): Value {
    try {
      return JSON.parse(text) as Value;
    } catch {
      const where = key.map((part) => JSON.stringify(part)).join(', ');
      throw new StoreDamaged(`the record [${where}] of ${this.collection} is not JSON`);
    }
  }
}

function encode(value: unknown): string {
  const json = JSON.stringify(value) as string | undefined;
  if (json === undefined) throw new TypeError('a record that is no JSON');
  return canonical(JSON.parse(json));
}
