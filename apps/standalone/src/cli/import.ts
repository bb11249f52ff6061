import { createReadStream } from 'node:fs';
import { readSettingFile } from '#libs/platform/src/settings/files.js';
import { SettingError } from '#libs/platform/src/settings/setting-error.js';
import { runTool } from './data.js';
import { type Converted, type Given, UnreadableExport } from './import/formats/format.js';
import { formats, HEAD_CHARACTERS, otherThan } from './import/formats/formats.js';
import { ownersIn } from './import/formats/pskc/privacyidea.js';
import { beginningOf, linesOf } from './import/lines.js';
import { type Options, optionsOf, UsageError } from './import/options.js';
import { Report } from './import/report.js';
import { exportPassword, operatorToken } from './import/secrets.js';
import { ImportStopped, PAGE, Product } from './import/send.js';

/*
 * `npm run import -- --from FORMAT FILE`: brings the accounts of another product's export to a product that runs (R36), by the
 * call that takes them. Nothing is written here, and no argument is a secret. Exit code 1: something was refused, or the rest
 * was not heard of; 2: the arguments or the file are others than they must be.
 */

await runTool(async () => {
  try {
    return await run(optionsOf(process.argv.slice(2), process.env));
  } catch (error) {
    const mine = error instanceof UsageError || error instanceof UnreadableExport || error instanceof SettingError;
    if (!mine && !(error instanceof ImportStopped)) throw error;
    console.error(error.message.replace(/[^\n\P{C}]/gu, '\uFFFD'));
    return mine ? 2 : 1;
  }
});

async function run(options: Options): Promise<boolean> {
  const { url, files, dryRun, json } = options;
  const prompt = { canAsk: process.stdin.isTTY && !files.includes('-') };
  const product = new Product(url, await operatorToken(process.env, prompt));
  // before any secret is sent: that the token is good, and where the accounts go
  const portal = portalOf(await product.portals(), options.portal);
  const given: Given = {
    realm: options.realm,
    owners: options.owners === undefined ? undefined : ownersIn(readSettingFile('--owners', options.owners)),
    password: () => exportPassword(process.env, options.passwordFile, prompt),
  };
  const report = new Report({ json, dryRun, progress: process.stderr.isTTY });
  const sent = new Map<number, Converted>();
  try {
    const lines = linesTo(report, sent, converted(options, given));
    const first = await lines.next();
    if (!first.done) {
      for await (const result of product.import(portal, dryRun, following(first.value, lines))) {
        report.answered(sent.get(result.line)!, result);
        sent.delete(result.line);
      }
      if (sent.size > 0) throw new ImportStopped('the answer ended before the lines did');
    }
  } catch (error) {
    if (report.done > 0) report.end();
    if (!(error instanceof ImportStopped) || sent.size === 0) throw error;
    // what was sent last may have been done all the same
    throw new ImportStopped(`${error.message}. The same command goes on where this one ended.`);
  }
  report.end();
  return report.counts.refused === 0;
}

function portalOf(all: readonly string[], wanted: string | undefined): string {
  const some = all.join(', ') || 'none';
  if (wanted === undefined && all.length === 1) return all[0]!;
  if (wanted === undefined) throw new UsageError(`say which portal with --portal; there are: ${some}`);
  if (all.length < PAGE && !all.includes(wanted))
    throw new UsageError(`there is no portal ${wanted}; there are: ${some}`);
  return wanted;
}

/** The accounts of all files. @throws UnreadableExport, UsageError: with the file's name */
async function* converted({ from, files }: Options, given: Given): AsyncGenerator<Converted, void> {
  for (const file of files) {
    try {
      const { head, lines } = await beginningOf(linesOf(bytesOf(file)), HEAD_CHARACTERS);
      const other = otherThan(from, head);
      if (other !== undefined)
        throw new UnreadableExport(`does not look like ${formats[from].title}, but like ${other}`);
      for await (const one of formats[from].convert(lines, given))
        yield files.length === 1 ? one : { ...one, where: `${file}, ${one.where}` };
    } catch (error) {
      if (error instanceof UnreadableExport) throw new UnreadableExport(`${file}: ${error.message}`);
      const { code, syscall } = error as NodeJS.ErrnoException;
      if (syscall === 'open' || syscall === 'read') throw new UsageError(`${file}: cannot be read (${code})`);
      throw error;
    }
  }
}

function bytesOf(file: string): AsyncIterable<Uint8Array> {
  return file === '-' ? process.stdin : createReadStream(file);
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

async function* following(first: string, rest: AsyncIterable<string>): AsyncGenerator<string, void> {
  yield first;
  yield* rest;
}
