import mongoose, { type mongo } from 'mongoose';

/** Not to be retried. Its message never quotes the URL, which may hold a password. */
export class InvalidUrl extends TypeError {
  override readonly name = 'InvalidUrl';
}

/** Options that decide what an acknowledged write is worth, or how old a read may be (R49). The driver takes them in any case. */
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

/** Options that say how to find the servers, log in and talk to them. The driver has others, which change what is read. */
const CONNECTING =
  /^(appname|auth(mechanism|mechanismproperties|source)|autoselectfamily(attempttimeout)?|compressors|connecttimeoutms|directconnection|heartbeatfrequencyms|loadbalanced|localthresholdms|max(connecting|idletimems|poolsize)|minpoolsize|monitorcommands|proxy(host|password|port|username)|replicaset|retry(reads|writes)|servermonitoringmode|serverselectiontimeoutms|sockettimeoutms|srv(maxhosts|servicename)|ssl|timeoutms|tls\w*|waitqueuetimeoutms|zlibcompressionlevel)$/;

/** https://www.mongodb.com/docs/manual/reference/limits/#naming-restrictions */
const DATABASE = /^[^/\\. "$*<>:|?]{1,63}$/;

/** The driver would let what the URL says win over `options`. @throws InvalidUrl */
export function checkUrl(url: string, options: mongo.MongoClientOptions): void {
  // as the URL standard reads it
  const [, ...query] = url.replaceAll(/[\t\n\r]/g, '').split('?');
  for (const name of new URLSearchParams(query.join('?')).keys()) {
    const option = name.toLowerCase();
    if (CONCERNS.has(option))
      throw new InvalidUrl(`must not set ${option}: writes go to the journals of a majority, reads to the primary`);
    // its name is not told: it may be a part of a password
    if (!CONNECTING.test(option)) throw new InvalidUrl('sets an option that is not one of how to connect');
  }
  let client: mongo.MongoClient;
  try {
    // it reads the URL now, and connects later
    client = new mongoose.mongo.MongoClient(url, options);
  } catch {
    // what it says may quote the URL
    throw new InvalidUrl('is not a MongoDB URL');
  }
  if (!DATABASE.test(client.options.dbName)) throw new InvalidUrl('names an invalid database');
}

/** What connecting failed with, if it is the URL's fault and no outage. */
export function faultOfUrl(error: unknown): InvalidUrl | undefined {
  if (!(error instanceof Error)) return undefined;
  const { syscall, code } = error as NodeJS.ErrnoException;
  if (syscall === 'open' || syscall === 'read') return new InvalidUrl(`names a file that cannot be read (${code})`);
  if (error.name === 'MongoMissingDependencyError')
    return new InvalidUrl('asks for what the driver has no package for: a compressor or a mechanism');
  return undefined;
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
