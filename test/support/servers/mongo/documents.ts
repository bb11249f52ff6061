import { createWriteStream, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import mongoose, { type mongo } from 'mongoose';
import { sourceApps } from '#libs/contracts/src/events/events.js';
import type { AppName } from '#libs/contracts/src/http/endpoint.js';
import type { Key, Stored, StoredCommit } from '../../stored/stored.js';

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
export const countDocuments = (url: string, portal: string): Promise<number> =>
  withDatabase(url, async (db) => {
    let count = 0;
    for (const app of sourceApps) {
      const commits = db.collection(`${app}.commits`).find({ stream: { $regex: `^${portal}(/|$)` } });
      for await (const { events } of commits.project<{ events: unknown[] }>({ 'events.hash': 1 }))
        count += events.length;
    }
    return count;
  });

/** Looks into the collections of one app. */
export const lookIntoDatabase = <T>(url: string, app: AppName, look: (stored: Stored) => Promise<T>): Promise<T> =>
  withDatabase(url, (db) =>
    look({
      commits: () => db.collection<StoredCommit>(`${app}.commits`).find().sort({ stream: 1, version: 1 }).toArray(),
      async records(collection) {
        const found = db.collection<{ key: string; value: string }>(`${app}.records`).find({ collection });
        return (await found.toArray()).map(({ key, value }) => ({
          key: keyOf(key),
          value: JSON.parse(value) as unknown,
        }));
      },
    }),
  );

/** Each part ends with `!`, and a number begins with `#`. Nothing that is looked for here is escaped. */
const keyOf = (text: string): Key =>
  text
    .split('!')
    .slice(0, -1)
    .map((part) => (part.startsWith('#') ? Number(part.slice(1)) : part));
