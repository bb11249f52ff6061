import { rememberingDamage } from '../damage.js';
import type { Engine, Records } from '../port.js';
import { MongoConnection } from './driver/connection.js';
import { MongoLog } from './log/log.js';
import { type FeedEnd, FeedSequencer } from './log/feed-sequencer.js';
import { MongoErasures } from './records/erasures.js';
import { MongoRecords } from './records/records.js';
import { BatchedReads } from './records/batched-reads.js';
import { type CommitDocument, commitSchema, type RecordDocument, recordSchema } from './schemas.js';

export interface MongoOptions {
  /** `mongodb://…` or `mongodb+srv://…`; of a standalone server, a replica set or a sharded cluster. */
  readonly url: string;
  /** Its collections are `<app>.commits`, `<app>.records` and `<app>.erasures`. */
  readonly app: string;
  /** The longest one operation may take, in milliseconds; 5,000 unless told. */
  readonly patienceMs?: number;
}

/** Building an index on what is there already may take its time. */
const INDEXES_MS = 600_000;
/** Waits this long, in milliseconds, for what is on its way when it closes. */
const CLOSE_MS = 10_000;

/**
 * An engine in MongoDB, which any number of processes may have open. When the database is away, whatever is asked rejects with
 * `StoreUnavailable` in bounded time; once it is back, everything goes on by itself.
 * @throws InvalidUrl
 * @throws StoreUnavailable it cannot be reached, within about two seconds; or it refuses the user, or the indexes
 */
export async function openMongoEngine({ url, app, patienceMs = 5_000 }: MongoOptions): Promise<Engine> {
  const connection = await MongoConnection.open({ url, app, patienceMs });
  try {
    return await engineOn(connection, app);
  } catch (error) {
    await connection.close();
    throw error;
  }
}

/** The engine of an app on a connection, which it closes with itself. Makes the indexes that are missing. */
export async function engineOn(connection: MongoConnection, app: string): Promise<Engine> {
  const names = { commits: `${app}.commits`, records: `${app}.records`, erasures: `${app}.erasures` };
  await connection.run(async () => {
    await connection.mongoose.model(names.commits, commitSchema, names.commits).createIndexes();
    await connection.mongoose.model(names.records, recordSchema, names.records).createIndexes();
    await connection.mongoose.model(names.erasures, recordSchema, names.erasures).createIndexes();
  }, INDEXES_MS);

  const commits = connection.collection<CommitDocument>(names.commits);
  const documents = connection.collection<RecordDocument>(names.records);
  const reads = new BatchedReads(connection, documents);
  const records = <Value>(name: string): Records<Value> => new MongoRecords<Value>(connection, documents, name, reads);
  const log = new MongoLog(
    connection,
    commits,
    new FeedSequencer(connection, commits, records<FeedEnd>('end of the feed')),
  );
  const erased = connection.collection<RecordDocument>(names.erasures);
  const erasures = new MongoErasures(
    new MongoRecords<number>(connection, erased, 'erasures', new BatchedReads(connection, erased)),
  );
  return rememberingDamage({
    log,
    erasures,
    records,
    check: () => connection.ping(),
    async close() {
      log.feed.close();
      await Promise.race([log.settled(), new Promise((resolve) => setTimeout(resolve, CLOSE_MS).unref())]);
      await connection.close();
    },
  });
}
