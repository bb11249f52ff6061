import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, platform, release, totalmem } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Options, SectionName } from '../options.js';
import { type Found, isMet } from '../sections/section.js';

/** One file for each engine, in the sources: the module runs in dist/bench/report. */
const fileOf = (engine: string): string =>
  fileURLToPath(new URL(`../../../bench/results/${engine}.json`, import.meta.url));

export const machine = () => ({
  cpus: cpus().length,
  model: cpus()[0]?.model ?? 'unknown',
  memoryGb: Math.round(totalmem() / 2 ** 30),
  system: `${platform()} ${release()}`,
  node: process.version,
  /** Above the number of processors, others were at work as well. */
  loadAverage: Number(loadavg()[0]?.toFixed(2)),
});

/** Sections that were not run keep what an earlier run found. Answers with the file's path. */
export function writeResults({ engine, quick }: Options, found: ReadonlyMap<SectionName, Found>): string {
  const path = fileOf(engine);
  mkdirSync(dirname(path), { recursive: true });
  const about = { date: new Date().toISOString(), quick, machine: machine() };
  const sections = Object.fromEntries(
    [...found].map(([name, { title, measured, aims }]) => [
      name,
      { title, ...about, measured, aims: aims.map((aim) => ({ ...aim, met: isMet(aim) })) },
    ]),
  );
  writeFileSync(path, `${JSON.stringify({ engine, sections: { ...earlier(path), ...sections } }, rounded, 2)}\n`);
  return path;
}

function earlier(path: string): object {
  try {
    return (JSON.parse(readFileSync(path, 'utf8')) as { sections: object }).sections;
  } catch {
    return {};
  }
}

const rounded = (_: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value;
