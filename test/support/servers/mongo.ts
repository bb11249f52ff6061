import { randomBytes } from 'node:crypto';
import mongoose from 'mongoose';
import { freePort } from '#libs/platform/src/testing/free-port.js';
import { startContainer } from './mongo/container.js';
import { dropDatabase } from './mongo/documents.js';
import { startLocal } from './mongo/local.js';
import { firstToStart, type ServerProcess } from './server-process.js';
import { until } from '../until.js';

/** `origin`: `mongodb://127.0.0.1:port` */
export type MongoProcess = ServerProcess & { readonly origin: string };

export interface MongoServer {
  /** Of a database that nobody else uses. */
  readonly url: string;
  /** Undefined when the server is that of `MONGO_URL`. */
  readonly process: MongoProcess | undefined;
  stop(): Promise<void>;
}

/** Why there is no MongoDB on this machine. */
export interface NoMongo {
  readonly missing: string;
}

/**
 * A MongoDB for a spec: the server of `MONGO_URL`; else one in a container, where Docker serves; else SecantusDB, which
 * speaks MongoDB's protocol, installed by pip on first use. `own`: not that of `MONGO_URL`.
 */
export async function startMongo({ own = false } = {}): Promise<MongoServer | NoMongo> {
  const given = own ? undefined : process.env.MONGO_URL;
  if (given !== undefined && given !== '') return serverAt(newDatabase(given), undefined);
  const port = await freePort();
  const server = await firstToStart([() => startContainer(port), () => startLocal(port)]);
  if (!('missing' in server)) return serverAt(newDatabase(server.origin), server);
  return { missing: `no MongoDB${own ? ' of its own' : ': MONGO_URL is not set'}; ${server.missing}` };
}

/** Resolves when a server answers there. */
export async function answering(url: string, withinMs: number): Promise<void> {
  await until(
    'MongoDB answers',
    async () => {
      const client = new mongoose.mongo.MongoClient(url, { serverSelectionTimeoutMS: 500, connectTimeoutMS: 500 });
      try {
        await client.db().command({ ping: 1 });
        return true;
      } catch {
        return false;
      } finally {
        await client.close();
      }
    },
    withinMs,
  );
}

function serverAt(url: string, server: MongoProcess | undefined): MongoServer {
  return {
    url,
    process: server,
    async stop() {
      if (server !== undefined) return server.remove();
      await dropDatabase(url);
    },
  };
}

/** The same server and options, with a database of a name of its own. */
export function newDatabase(url: string): string {
  const { origin, options } =
    /^(?<origin>mongodb(\+srv)?:\/\/[^/?]+)(\/[^?]*)?(?<options>\?.*)?$/.exec(url)?.groups ?? {};
  if (origin === undefined) throw new Error('MONGO_URL is no URL of MongoDB');
  return `${origin}/twinlock-test-${randomBytes(6).toString('hex')}${options ?? ''}`;
}
