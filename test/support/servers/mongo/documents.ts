import { createWriteStream, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import mongoose, { type mongo } from 'mongoose';

async function withDatabase<T>(url: string, work: (db: mongo.Db) => Promise<T>): Promise<T> {
  const client = new mongoose.mongo.MongoClient(url);
  try {
    return await work(client.db());
  } finally {
    await client.close();
  }
}

export const dropDatabase = (url: string): Promise<void> =>
  withDatabase(url, async (db) => {
    await db.dropDatabase();
  });

/** Writes every document into `folder`, a file for each collection: as JSON, and as the bytes that are stored. */
export const keepDocuments = (url: string, folder: string): Promise<void> =>
  withDatabase(url, async (db) => {
    mkdirSync(folder, { recursive: true });
    for (const { name } of await db.listCollections().toArray()) {
      const bytes = async function* () {
        for await (const document of db.collection(name).find()) {
          yield `${JSON.stringify(document)}\n`;
          yield mongoose.mongo.BSON.serialize(document);
        }
      };
      await pipeline(bytes, createWriteStream(join(folder, name)));
    }
  });
