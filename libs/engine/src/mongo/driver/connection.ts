import mongoose, { type Connection, type mongo } from 'mongoose';
import { StoreUnavailable } from '../../port.js';
import { engineError } from './errors.js';
import { checkConcerns, checkUrl, faultOfUrl, InvalidUrl } from './url.js';

/** Of a deployment whose URL names none. */
const DATABASE = 'twinlock';
/** How long to look for a server that can write before an outage is reported. */
const SELECTION_MS = 2_000;

export interface ConnectionOptions {
  /** `mongodb://user:password@host:27017,host:27018/database?…` */
  readonly url: string;
  /** Shown in the server's logs. */
  readonly app: string;
  /** The longest one operation may take, in milliseconds. */
  readonly patienceMs: number;
}

/** What a server says of itself; of the members of its replica set, if it is one. */
export interface Hello {
  readonly setName?: string;
  readonly msg?: string;
  readonly hosts?: readonly string[];
  readonly passives?: readonly string[];
}

/** A connection to a standalone server, a replica set or a sharded cluster, which comes back by itself when it is lost. */
export class MongoConnection {
  #closed = false;

  private constructor(
    readonly mongoose: Connection,
    private readonly readConcern: mongo.ReadConcernLike,
    private readonly patienceMs: number,
  ) {}

  /** @throws InvalidUrl, StoreUnavailable */
  static async open({ url, app, patienceMs }: ConnectionOptions): Promise<MongoConnection> {
    const options: mongo.MongoClientOptions = {
      appName: `twinlock ${app}`,
      serverSelectionTimeoutMS: SELECTION_MS,
      connectTimeoutMS: SELECTION_MS,
      waitQueueTimeoutMS: patienceMs,
      // Later than what waits for it gives up: it is to free the socket.
      socketTimeoutMS: patienceMs + SELECTION_MS,
      // Written down by most of the members; read from the one that wrote it.
      writeConcern: { w: 'majority', journal: true, wtimeoutMS: patienceMs },
      readPreference: 'primary',
    };
    checkUrl(url, options);
    const connection = mongoose.createConnection(url, {
      ...options,
      ...(namesDatabase(url) ? {} : { dbName: DATABASE }),
      autoCreate: false,
      autoIndex: false,
      bufferCommands: false,
    });
    // Reported to the callers of operations.
    connection.on('error', () => undefined);
    try {
      await connection.asPromise();
      // What a failover may still undo must not be built upon. A server without members has nothing to undo.
      const { setName, msg, hosts = [], passives = [] } = (await databaseOf(connection).command({ hello: 1 })) as Hello;
      if (connection.getClient().options.directConnection && hosts.length + passives.length > 1) {
        throw new InvalidUrl('sets directConnection to one of several members: it may not be the primary for long');
      }
      const level = setName === undefined && msg !== 'isdbgrid' ? 'local' : 'majority';
      const opened = new MongoConnection(connection, { level }, patienceMs);
      checkConcerns(opened.collection(`${app}.commits`), level);
      return opened;
    } catch (error) {
      await connection.close().catch(() => undefined);
      throw faultOfUrl(error) ?? engineError(error);
    }
  }

  collection<Document extends object>(name: string): mongo.Collection<Document> {
    return databaseOf(this.mongoose).collection<Document>(name, { readConcern: this.readConcern });
  }

  async ping(): Promise<void> {
    await this.run(() => databaseOf(this.mongoose).command({ ping: 1 }));
  }

  /** One operation, answered in bounded time. @throws StoreUnavailable it may or may not have happened */
  async run<Result>(operation: () => Promise<Result>, patienceMs = this.patienceMs): Promise<Result> {
    if (this.#closed) throw new StoreUnavailable('the engine is closed');
    try {
      return await within(patienceMs, operation());
    } catch (error) {
      throw engineError(error);
    }
  }

  /** All that a query finds; each of its batches is answered in bounded time. */
  async collect<Document>(find: () => mongo.FindCursor<Document>): Promise<Document[]> {
    const cursor = find();
    try {
      const documents: Document[] = [];
      while (await this.run(() => cursor.hasNext())) {
        for (const document of cursor.readBufferedDocuments()) documents.push(document);
      }
      return documents;
    } finally {
      // Done when all is read; else the server is told that nobody reads on, if it can be.
      if (!cursor.closed) void cursor.close().catch(() => undefined);
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.mongoose.close();
  }
}

export function databaseOf(connection: Connection): mongo.Db {
  if (connection.db === undefined) throw new StoreUnavailable('MongoDB is not connected');
  return connection.db;
}

const namesDatabase = (url: string): boolean => /^mongodb(\+srv)?:\/\/[^/]+\/[^?]/.test(url);

async function within<Result>(ms: number, result: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new StoreUnavailable(`MongoDB has not answered for ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([result, late]);
  } finally {
    clearTimeout(timer);
  }
}
