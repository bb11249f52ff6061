import { createReadStream, statSync } from 'node:fs';
import { readSettingFile } from '#libs/platform/src/settings/files.js';
import type { Calling } from '../calls/calling.js';
import { asCommandError } from '../calls/refusals.js';
import { exportPassword } from '../calls/secrets.js';
import { CommandError, usageError } from '../command/exit.js';
import type { Options as GivenOptions } from '../command/leaf.js';
import { type Converted, type Given, UnreadableExport } from './formats/format.js';
import { formats, HEAD_CHARACTERS, otherThan } from './formats/formats.js';
import { ownersIn } from './formats/pskc/privacyidea.js';
import { beginningOf, linesOf } from './lines.js';
import { type Options, optionsOf } from './options.js';
import { Report } from './report.js';

type Asked = Calling<'listPortals' | 'importAccounts'>;
/** Of portals. */
const PAGE = 200;

/**
 * Brings the accounts of another product's export to a product that runs (R36), by the call that takes them. Nothing is written
 * here, and no argument is a secret. False: something was refused, by the converter or the product.
 * @throws CommandError, SettingError, ProblemError, TransportError
 */
export async function importFiles(asked: Asked, files: readonly string[], options: GivenOptions): Promise<boolean> {
  try {
    return await run(asked, optionsOf(files, options));
  } catch (error) {
    throw error instanceof UnreadableExport ? usageError(error.message) : error;
  }
}

async function run(asked: Asked, options: Options): Promise<boolean> {
  const { files, dryRun, json } = options;
  // before any secret is sent: that the token is good, and where the accounts go
  const { portals } = await asked.call('listPortals', { limit: PAGE });
  const portal = portalOf(
    portals.map(({ id }) => id),
    options.portal,
  );
  const { twinlock } = await asked.place;
  const prompt = { canAsk: process.stdin.isTTY && !files.includes('-') };
  const given: Given = {
    realm: options.realm,
    owners: options.owners === undefined ? undefined : ownersIn(readSettingFile('--owners', options.owners)),
    password: () => exportPassword(process.env, options.passwordFile, prompt),
  };
  const read = { bytes: 0, of: sizeOf(files) };
  const report = new Report({ json, dryRun, part: () => (read.of ? read.bytes / read.of : undefined) });
  const sent = new Map<number, Converted>();
  const faults: Error[] = [];
  try {
    const lines = linesTo(report, sent, converted(options, given, read));
    const first = await lines.next();
    if (!first.done) {
      const all = following(first.value, lines, faults);
      for await (const result of twinlock.importAccounts({ portal, dryRun }, all)) {
        report.answered(sent.get(result.line)!, result);
        sent.delete(result.line);
      }
      if (sent.size > 0) throw new CommandError('unavailable', 'The answer ended before the lines did.');
    }
  } catch (error) {
    if (report.done > 0) report.end();
    throw faults[0] ?? (sent.size > 0 ? goingOn(error) : error);
  }
  report.end();
  return report.counts.refused === 0;
}

/** What was sent last may have been done all the same. */
function goingOn(error: unknown): unknown {
  const stopped = error instanceof CommandError ? error : asCommandError(error);
  if (stopped === undefined) return error;
  const message = `${stopped.message} The same command goes on where this one ended.`;
  return new CommandError(stopped.exit, message, stopped.more);
}

function portalOf(all: readonly string[], wanted: string | undefined): string {
  const some = all.join(', ') || 'none';
  if (wanted === undefined && all.length === 1) return all[0]!;
  if (wanted === undefined) throw usageError(`say which portal with --portal; there are: ${some}`);
  if (all.length < PAGE && !all.includes(wanted)) throw usageError(`there is no portal ${wanted}; there are: ${some}`);
  return wanted;
}

/** The accounts of all files. @throws UnreadableExport, CommandError: with the file's name */
async function* converted(
  { from, files }: Options,
  given: Given,
  read: { bytes: number },
): AsyncGenerator<Converted, void> {
  for (const file of files) {
    try {
      const { head, lines } = await beginningOf(linesOf(counted(bytesOf(file), read)), HEAD_CHARACTERS);
      const other = otherThan(from, head);
      if (other !== undefined)
        throw new UnreadableExport(`does not look like ${formats[from].title}, but like ${other}`);
      for await (const one of formats[from].convert(lines, given))
        yield files.length === 1 ? one : { ...one, where: `${file}, ${one.where}` };
    } catch (error) {
      if (error instanceof UnreadableExport) throw new UnreadableExport(`${file}: ${error.message}`);
      const { code, syscall } = error as NodeJS.ErrnoException;
      if (syscall === 'open' || syscall === 'read') throw usageError(`${file}: cannot be read (${code})`);
      throw error;
    }
  }
}

function bytesOf(file: string): AsyncIterable<Uint8Array> {
  return file === '-' ? process.stdin : createReadStream(file);
}

async function* counted(chunks: AsyncIterable<Uint8Array>, read: { bytes: number }): AsyncGenerator<Uint8Array, void> {
  for await (const chunk of chunks) {
    read.bytes += chunk.length;
    yield chunk;
  }
}

/** Of all files together; undefined where one is no file whose size is known. */
function sizeOf(files: readonly string[]): number | undefined {
  let bytes = 0;
  for (const file of files) {
    const stats = file === '-' ? undefined : statSync(file, { throwIfNoEntry: false });
    if (!stats?.isFile()) return undefined;
    bytes += stats.size;
  }
  return bytes;
}

/** Tells those that cannot be sent, and keeps those that were until they are answered. */
async function* linesTo(
  report: Report,
  sent: Map<number, Converted>,
  all: AsyncIterable<Converted>,
): AsyncGenerator<string, void> {
  let number = 0;
  for await (const one of all) {
    if ('code' in one) report.refused(one, one);
    else {
      number += 1;
      sent.set(number, one);
      yield one.line;
    }
  }
}

/** An export that cannot be read on ends the connection, and is the cause. */
async function* following(first: string, rest: AsyncIterable<string>, faults: Error[]): AsyncGenerator<string, void> {
  yield first;
  try {
    yield* rest;
  } catch (error) {
    faults.push(error as Error);
    throw error;
  }
}
