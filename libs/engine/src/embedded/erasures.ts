import { createReadStream, existsSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { type Erasures, StoreUnavailable } from '../port.js';

/**
 * A file of its own beside the folder of the store: whoever puts a backup in the folder's place leaves it. A line is the JSON
 * of `[portal, account]`; one that a crash has cut off was never told to be durable.
 */
export class EmbeddedErasures implements Erasures {
  #file: Promise<FileHandle> | undefined;
  #adding: Promise<void> = Promise.resolve();
  #known: Promise<Map<string, readonly [string, string]>> | undefined;

  constructor(
    private readonly path: string,
    private readonly readOnly: boolean,
  ) {}

  async add(portal: string, account: string): Promise<void> {
    if (this.readOnly) throw new StoreUnavailable('the store is open for reading');
    const line = JSON.stringify([portal, account]);
    const known = await (this.#known ??= this.#read());
    const added = this.#adding.then(async () => {
      if (known.has(line)) return;
      const file = await (this.#file ??= openDurably(this.path));
      await file.appendFile(`${line}\n`);
      await file.sync();
      known.set(line, [portal, account]);
    });
    this.#adding = added.catch(() => {});
    await added.catch((error: unknown) => {
      throw new StoreUnavailable(`${this.path} cannot be written: ${(error as Error).message}`, { cause: error });
    });
  }

  async *all(): AsyncGenerator<readonly [string, string]> {
    yield* (await (this.#known ??= this.#read())).values();
  }

  async close(): Promise<void> {
    await this.#adding;
    await (await this.#file)?.close();
    this.#file = undefined;
  }

  async #read(): Promise<Map<string, readonly [string, string]>> {
    const known = new Map<string, readonly [string, string]>();
    if (!existsSync(this.path)) return known;
    for await (const line of createInterface({ input: createReadStream(this.path) })) {
      const entry = parsed(line);
      if (entry) known.set(line, entry);
    }
    return known;
  }
}

/** At the end of whole lines. */
async function openDurably(path: string): Promise<FileHandle> {
  const isNew = !existsSync(path);
  const file = await open(path, 'a+', 0o600);
  if (isNew) {
    const folder = await open(dirname(path), 'r');
    await folder.sync().finally(() => folder.close());
  }
  const { size } = await file.stat();
  const last = Buffer.alloc(1);
  if (size > 0) await file.read(last, 0, 1, size - 1);
  if (size > 0 && last.toString() !== '\n') await file.appendFile('\n');
  return file;
}

function parsed(line: string): readonly [string, string] | undefined {
  try {
    const value: unknown = JSON.parse(line);
    if (Array.isArray(value) && value.length === 2 && value.every((part) => typeof part === 'string')) {
      return value as unknown as readonly [string, string];
    }
  } catch {
    // cut off
  }
  return undefined;
}
