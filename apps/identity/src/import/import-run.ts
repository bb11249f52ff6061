import { pMapIterable } from 'p-map';
import { lruOf } from '#libs/engine/src/lru.js';
import type { ImportResult } from '#libs/contracts/src/http/import.js';
import { nameOf } from '../registry/usernames.js';
import type { Outcome } from './importer.js';
import type { Line } from './lines.js';
import { isRefusedLine, type ParsedLine, parseLine } from './parse-line.js';

/** Lines under way side by side: they share flushes of the store. */
export const SIDE_BY_SIDE = 64;
/** Names that a dry run remembers, to tell which line repeats one. */
const MOST_SEEN = 100_000;

/** What is done with a line that is well formed. */
export type ImportOne = (line: ParsedLine) => Promise<Outcome>;

/** The answers to lines, in their order. Lines with a name in common are taken one after the other. */
export async function* runImport(lines: AsyncIterable<Line>, importOne: ImportOne): AsyncGenerator<ImportResult> {
  const underWay = new Map<string, Promise<unknown>>();
  const one = ({ number: line, bytes }: Line): Promise<ImportResult> => {
    const parsed = parseLine(bytes);
    if (isRefusedLine(parsed)) return Promise.resolve({ line, ...parsed });
    const names = namesOf(parsed);
    const before = Promise.allSettled(names.flatMap((name) => underWay.get(name) ?? []));
    const done = before.then(async () => ({ line, ...(await importOne(parsed)) }));
    for (const name of names) underWay.set(name, done);
    const forget = () => {
      for (const name of names) if (underWay.get(name) === done) underWay.delete(name);
    };
    done.then(forget, forget);
    return done;
  };
  yield* pMapIterable(lines, one, { concurrency: SIDE_BY_SIDE });
}

/** Answers as an import would, by lines of before that it would have taken. */
export function dryRun(existing: ImportOne, take: ImportOne): ImportOne {
  const seen = lruOf<true>(MOST_SEEN);
  return async (line) => {
    const names = namesOf(line);
    const found = await existing(line);
    if (found.outcome === 'exists') return found;
    if (names.some((name) => seen.has(name))) return { outcome: 'exists' };
    const outcome = await take(line);
    if (outcome.outcome === 'created') for (const name of names) seen.set(name, true);
    return outcome;
  };
}

const namesOf = ({ account: { username, externalId } }: ParsedLine): string[] => [
  `username ${nameOf(username)}`,
  ...(externalId === undefined ? [] : [`external ${externalId}`]),
];
