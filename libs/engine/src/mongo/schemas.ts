/**
 * The two collections of an app, and their indexes, in Mongoose's schemas; docs/decisions/0012-mongodb-engine.md says what
 * each index is for. Documents are written and read by the driver: nothing is to be cast or filled in on the way.
 */
import mongoose, { type mongo } from 'mongoose';
import type { CommitMetadata, StoredEvent } from '../port.js';

/** One commit. */
export interface CommitDocument {
  readonly _id: mongo.ObjectId;
  readonly stream: string;
  /** Of its first event. */
  readonly version: number;
  /** The commit before it in the stream: what it was appended to. */
  readonly previous: mongo.ObjectId | null;
  readonly commitId: string;
  readonly at: Date;
  readonly events: readonly StoredEvent[];
  readonly metadata: StoredMetadata;
  /** `answersOf` the command that it answers. */
  readonly answers?: string;
  /** Its own id, for as long as it has no position. */
  readonly pending?: mongo.ObjectId;
  /** Its place in the feed. */
  readonly position?: number;
}

export type StoredMetadata = Omit<CommitMetadata, 'command'> & {
  /** `answer` is JSON: its keys are not to be taken for MongoDB's. */
  readonly command?: { readonly id: string; readonly digest: string; readonly answer?: string };
};

/** One record. */
export interface RecordDocument {
  /** Name of the collection, as the port has it. */
  readonly collection: string;
  /** `encodeKey` of its key. */
  readonly key: string;
  /** RFC 8785 text, so that equal values are equal texts. */
  readonly value: string;
}

const { Mixed, ObjectId } = mongoose.Schema.Types;
const bare = { _id: false, versionKey: false } as const;

export const commitSchema = new mongoose.Schema<CommitDocument>(
  {
    stream: { type: String, required: true },
    version: { type: Number, required: true },
    previous: { type: ObjectId, default: null },
    commitId: { type: String, required: true },
    at: { type: Date, required: true },
    events: [new mongoose.Schema<StoredEvent>({ name: String, body: String, hash: String }, bare)],
    metadata: Mixed,
    answers: String,
    pending: ObjectId,
    position: Number,
  },
  { versionKey: false },
)
  .index({ stream: 1, version: 1 }, { unique: true })
  .index({ answers: 1 }, { sparse: true })
  .index({ pending: 1 }, { sparse: true })
  .index({ position: 1 }, { sparse: true });

export const recordSchema = new mongoose.Schema<RecordDocument>(
  {
    collection: { type: String, required: true },
    key: { type: String, required: true },
    value: { type: String, required: true },
  },
  { versionKey: false, suppressReservedKeysWarning: true },
).index({ collection: 1, key: 1 }, { unique: true });
