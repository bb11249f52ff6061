import { createWriteStream, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import mongoose, { type mongo } from 'mongoose';
import { sourceApps } from '#libs/contracts/src/events/events.js';

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

/** How many events of a portal the logs hold. */
export const countEvents = (url: string, portal: string): Promise<number> =>
  withDatabase(url, async (db) => {
    let count = 0;
    for (const app of sourceApps) {
      const commits = db.collection(`${app}.commits`).find({ stream: { $regex: `^${portal}(/|$)` } });
      for await (const { events } of commits.project<{ events: unknown[] }>({ 'events.hash': 1 }))
        count += events.length;
    }
    return count;
  });
