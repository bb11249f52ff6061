/** The driver's errors in the words of the port. They name hosts and codes, never what was written. */
import mongoose from 'mongoose';
import { StoreDamaged, StoreUnavailable, VersionConflict } from '../../port.js';

const { MongoServerError } = mongoose.mongo;

const DUPLICATE_KEY = 11000;

export const isDuplicate = (error: unknown): boolean =>
  error instanceof MongoServerError && error.code === DUPLICATE_KEY;

/** Mistakes of ours are left as they are. The rest is the driver's, or the system's: a broken socket comes up as it is. */
export function engineError(error: unknown): unknown {
  if (error instanceof StoreUnavailable || error instanceof StoreDamaged || error instanceof VersionConflict)
    return error;
  if (error instanceof TypeError || error instanceof RangeError) return error;
  if (error instanceof MongoServerError) return refusal(error.code, error.codeName);
  return new StoreUnavailable(`MongoDB cannot be reached: ${error instanceof Error ? error.message : String(error)}`);
}

/** Without the server's message: it may quote a document. */
export const refusal = (code: unknown, name: unknown = 'error'): StoreUnavailable =>
  new StoreUnavailable(`MongoDB answers ${String(name)} ${String(code)}`);
