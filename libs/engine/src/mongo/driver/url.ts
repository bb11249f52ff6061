import mongoose, { type mongo } from 'mongoose';

/** Not to be tried again. Says what is wrong with it, not what it is: it may hold a password. */
export class InvalidUrl extends TypeError {
  override readonly name = 'InvalidUrl';
}

/** Options of a URL that decide what an acknowledged write is worth, or how old a read may be (R49). The driver takes them in any case. */
const CONCERNS = new Set([
  'w',
  'wtimeout',
  'wtimeoutms',
  'j',
  'journal',
  'fsync',
  'writeconcern',
  'readconcern',
  'readconcernlevel',
  'readpreference',
  'readpreferencetags',
  'maxstalenessseconds',
]);

const WHY = 'writes go to the journals of a majority, reads to the primary';

/** The driver would let what the URL says win over `options`. @throws InvalidUrl */
export function checkUrl(url: string, options: mongo.MongoClientOptions): void {
  // as the URL standard reads it
  const [, ...query] = url.replaceAll(/[\t\n\r]/g, '').split('?');
  for (const name of new URLSearchParams(query.join('?')).keys()) {
    const option = name.toLowerCase();
    if (CONCERNS.has(option)) throw new InvalidUrl(`must not set ${option}: ${WHY}`);
  }
  try {
    // it reads the URL now, and connects later
    new mongoose.mongo.MongoClient(url, options);
  } catch {
    // what it says may quote the URL
    throw new InvalidUrl('is no URL of MongoDB');
  }
}

type Concerns = Pick<mongo.Collection, 'writeConcern' | 'readConcern' | 'readPreference'>;

/** Of what operations go through, once it is connected, whatever way they came. @throws InvalidUrl */
export function checkConcerns({ writeConcern, readConcern, readPreference }: Concerns, level: string): void {
  const durable = writeConcern?.w === 'majority' && writeConcern.journal === true;
  const { mode, tags, maxStalenessSeconds } = readPreference ?? {};
  const current = mode === 'primary' && tags === undefined && maxStalenessSeconds === undefined;
  if (!durable || !current || readConcern?.level !== level) {
    throw new InvalidUrl('gives other write or read concerns than the product goes by');
  }
}
