import mongoose, { type mongo } from 'mongoose';
import { Batcher } from '../driver/batcher.js';
import type { MongoConnection } from '../driver/connection.js';
import { refusal } from '../driver/errors.js';
import type { CommitDocument } from '../schemas.js';
import { textOf } from './commit-document.js';

const { MongoBulkWriteError } = mongoose.mongo;

/** Of one document. Not `written`: whether it is there after all has to be read. */
export type InsertOutcome = { readonly written: true } | { readonly written: false; readonly reason: unknown };

interface Waiting {
  readonly document: CommitDocument;
  readonly tell: (outcome: InsertOutcome) => void;
}

/** While the server writes one bulk to the disk, the next is sent. */
const IN_FLIGHT = 2;
const BULK_DOCUMENTS = 512;
/** Characters of events, so that a few large commits do not hold up the others. */
const BULK_TEXT = 1_000_000;

/**
 * Concurrent inserts of this process share bulks, so that they share the round trip and the flush. Each caller learns the
 * outcome of its own document, whatever becomes of the others in the bulk.
 */
export class GroupCommit {
  readonly #bulks = new Batcher<Waiting>(IN_FLIGHT, fitting, async (bulk) => {
    const outcomes = await this.#write(bulk);
    for (const [index, { tell }] of bulk.entries()) tell(outcomes(index));
  });

  constructor(
    private readonly connection: MongoConnection,
    private readonly commits: mongo.Collection<CommitDocument>,
  ) {}

  insert(document: CommitDocument): Promise<InsertOutcome> {
    return new Promise((tell) => this.#bulks.add({ document, tell }));
  }

  async #write(bulk: readonly Waiting[]): Promise<(index: number) => InsertOutcome> {
    const documents = bulk.map(({ document }) => document);
    try {
      return await this.connection.run(() =>
        this.commits.insertMany(documents, { ordered: false }).then(
          () => () => WRITTEN,
          (error: unknown) => outcomesOf(error, documents.length),
        ),
      );
    } catch (reason) {
      return () => ({ written: false, reason });
    }
  }
}

function fitting(waiting: readonly Waiting[]): number {
  let [documents, text] = [0, 0];
  for (const { document } of waiting) {
    text += textOf(document.events);
    if (documents === BULK_DOCUMENTS || (documents > 0 && text > BULK_TEXT)) break;
    documents++;
  }
  return documents;
}

const WRITTEN: InsertOutcome = { written: true };

/**
 * The driver wraps any failure in the same error. The answer of a server accounts for each document: so many inserted, the
 * rest with an error of its own. Where it does not, or where the server could not say that most members have it, all is open.
 */
function outcomesOf(error: unknown, documents: number): (index: number) => InsertOutcome {
  if (!(error instanceof MongoBulkWriteError)) throw error;
  const failures = new Map([error.writeErrors].flat().map((failure) => [failure.index, failure]));
  const isAnswer =
    failures.size > 0 &&
    error.insertedCount + failures.size === documents &&
    error.result.getWriteConcernError() === undefined;
  if (!isAnswer) throw error;
  return (index) => {
    const failure = failures.get(index);
    return failure === undefined ? WRITTEN : { written: false, reason: refusal(failure.code) };
  };
}
