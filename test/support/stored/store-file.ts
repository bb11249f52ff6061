import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { type Database, open, type RootDatabase } from 'lmdb';
import type { AppName } from '#libs/contracts/src/http/endpoint.js';
import type { Key, Stored, StoredCommit } from './stored.js';

export const storeOf = (dataDir: string, app: AppName): string => join(dataDir, app, `${app}.mdb`);

/** Looks into the store of one app, beside the product or after it. */
export async function lookInto<T>(
  dataDir: string,
  app: AppName,
  look: (store: StoreFile) => T | Promise<T>,
  { writing = false } = {},
): Promise<T> {
  const env = open({ path: storeOf(dataDir, app), noSubdir: true, maxDbs: 64, readOnly: !writing });
  try {
    return await look(new StoreFile(env));
  } finally {
    await env.close();
  }
}

interface Entry<K> {
  readonly key: K;
  readonly text: string;
}

/** `version`: of the first event. */
type Header = readonly [
  stream: string,
  version: number,
  commitId: string,
  at: number,
  metadata: unknown,
  names: readonly string[],
];

/** A commit as the file has it, with its place in the log. */
export interface FiledCommit extends StoredCommit {
  readonly position: number;
  readonly header: Header;
}

/** One app's data file as LMDB has it, read by its format: nothing of the product is in it. */
export class StoreFile implements Stored {
  constructor(private readonly env: RootDatabase) {}

  commits(): FiledCommit[] {
    return entries<number>(this.collection('log', positions)).map(({ key: position, text }) => {
      const [, head = '', ...lines] = text.split('\n');
      const header = JSON.parse(head) as Header;
      const events = Array.from({ length: lines.length / 2 }, (_, i) => ({
        hash: lines[2 * i] ?? '',
        body: lines[2 * i + 1] ?? '',
      }));
      return { position, header, stream: header[0], events };
    });
  }

  /** The whole log is another one from now on. */
  async rewrite(commits: readonly FiledCommit[]): Promise<void> {
    const [log, streams] = [this.collection('log', positions), this.collection('streams', tuples)];
    await Promise.all([log.clearAsync(), streams.clearAsync()]);
    for (const { position, header, events } of commits) {
      const head = JSON.stringify(header);
      const lines = events.map(({ hash, body }) => `\n${hash}\n${body}`).join('');
      await log.put(position, `${crc32(head)}\n${head}${lines}`);
      await streams.put([header[0], header[1]], `${position} ${events.length}`);
    }
  }

  records(collection: string): { key: Key; value: unknown }[] {
    const found = entries<Key>(this.recordsOf(collection));
    return found.map(({ key, text }) => ({ key, value: JSON.parse(text.slice(8)) as unknown }));
  }

  async put(collection: string, key: Key, value: unknown): Promise<void> {
    const json = JSON.stringify(value);
    await this.recordsOf(collection).put(key, crc32(json).toString(16).padStart(8, '0') + json, 1);
  }

  async delete(collection: string, key: Key): Promise<void> {
    await this.recordsOf(collection).remove(key);
  }

  private recordsOf(collection: string): Database<string, Key> {
    return this.collection(`records:${collection}`, tuples, true);
  }

  private collection<K extends Key | number>(name: string, keys: Keys<K>, useVersions = false): Database<string, K> {
    const options = { encoding: 'string' as const, useVersions, keyEncoder: coding(keys) };
    return this.env.openDB<string, K>(name, options);
  }
}

/** Unless told, the driver begins after what is first here. */
const all: object = { start: Uint8Array.of(0), end: Uint8Array.of(0xff) };

/** Undefined: there was never one. */
const entries = <K extends Key | number>(database: Database<string, K> | undefined): Entry<K>[] =>
  Array.from(database?.getRange(all) ?? [], ({ key, value }) => ({ key, text: value }));

/** How keys are written, so that they sort. */
interface Keys<K> {
  readonly write: (key: K) => Buffer;
  readonly read: (bytes: Buffer) => K;
}

/** Places in the log: six bytes, big-endian. */
const positions: Keys<number> = {
  write(position) {
    const bytes = Buffer.alloc(6);
    bytes.writeUIntBE(position, 0, 6);
    return bytes;
  },
  read: (bytes) => bytes.readUIntBE(0, 6),
};

/** Parts one after the other: `02` text `00`, or `15` and seven bytes of a number, big-endian. No text here has a NUL. */
const tuples: Keys<Key> = {
  write: (key) =>
    Buffer.concat(
      key.map((part) => {
        if (typeof part === 'string') return Buffer.from(`\x02${part}\0`);
        const bytes = Buffer.alloc(8);
        bytes.writeUIntBE(part, 2, 6);
        bytes[0] = 0x15;
        return bytes;
      }),
    ),
  read(bytes) {
    const key: (string | number)[] = [];
    for (let at = 0; at < bytes.length;) {
      const isText = bytes[at] === 0x02;
      const end = isText ? bytes.indexOf(0, at) : at + 7;
      if (end < at) throw new Error(`not a key: ${bytes.toString('hex')}`);
      key.push(isText ? bytes.toString('utf8', at + 1, end) : bytes.readUIntBE(at + 2, 6));
      at = end + 1;
    }
    return key;
  },
};

/** As the driver asks for it, with bounds of its own as bytes. */
const coding = <K>({ write, read }: Keys<K>) => ({
  writeKey(key: K | Uint8Array, target: Buffer, start: number): number {
    const bytes = key instanceof Uint8Array ? key : write(key);
    target.set(bytes, start);
    return start + bytes.length;
  },
  readKey: (source: Buffer, start: number, end: number): K => read(Buffer.from(source.subarray(start, end))),
});
