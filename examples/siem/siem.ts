/**
 * The events of a portal as lines of OCSF, for a SIEM to read. Each stands in the file once, whatever ends this program:
 *
 *     TWINLOCK_URL=http://127.0.0.1:3000 TWINLOCK_TOKEN=… PORTAL=demo node dist/examples/siem/siem.js demo.ndjson
 */
import {
  closeSync,
  existsSync,
  fdatasyncSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { follow, overHttp, type Positions } from '#libs/client/src/events/events.js';
import { toOcsf } from '#libs/client/src/ocsf/ocsf.js';

const [path = 'events.ndjson'] = process.argv.slice(2);
const { TWINLOCK_URL = 'http://127.0.0.1:3000', TWINLOCK_TOKEN = '', PORTAL = 'demo' } = process.env;

type Position = Readonly<Record<string, string>>;
const append = (file: number, value: unknown): void => {
  writeSync(file, `${JSON.stringify(value)}\n`);
  fdatasyncSync(file);
};
const lastOf = (text: string): string | undefined => text.split('\n').filter(Boolean).at(-1);

// what a crash left of a last line that was not written whole goes
const events = openSync(path, 'a+', 0o600);
const { size } = fstatSync(events);
const tail = Buffer.alloc(Math.min(size, 1_048_576));
readSync(events, tail, 0, tail.length, size - tail.length);
const end = tail.lastIndexOf('\n') + 1;
ftruncateSync(events, size - tail.length + end);

// positions are kept beside the events, and that of the last event in its own line, which was written first
const beside = `${path}.positions`;
const written = existsSync(beside) ? readFileSync(beside, 'utf8').split('\n').slice(0, -1) : [];
const last = lastOf(tail.toString('utf8', 0, end));
if (last !== undefined) written.push(JSON.stringify((JSON.parse(last) as { position: Position }).position));
const kept = new Map(written.flatMap((line) => Object.entries(JSON.parse(line) as Position)));
writeFileSync(`${beside}.new`, `${JSON.stringify(Object.fromEntries(kept))}\n`, { mode: 0o600, flush: true });
renameSync(`${beside}.new`, beside);
const journal = openSync(beside, 'a');

const positions: Positions<object> = {
  load: (key) => kept.get(key),
  save(position, event) {
    append(events, { ...event, position });
    append(journal, position);
    for (const [key, value] of Object.entries(position)) kept.set(key, value);
  },
};
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
try {
  const source = overHttp({ url: TWINLOCK_URL, token: TWINLOCK_TOKEN, portal: PORTAL });
  await follow(source, { positions, handle: (event, save) => save(toOcsf(event)), signal: stop.signal });
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
} finally {
  for (const file of [events, journal]) closeSync(file);
}
