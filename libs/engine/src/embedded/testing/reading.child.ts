// Opens the engine at a path as told, reads everything, and says how it went.
import { writeSync } from 'node:fs';
import { openEmbeddedEngine } from '../open.js';

const [path = '', mode = ''] = process.argv.slice(2);
const say = (line: string): void => void writeSync(1, `${line}\n`);

try {
  const engine = await openEmbeddedEngine({ path, name: 'engine', readOnly: mode === 'read-only' });
  say('open');
  const streams = new Set<string>();
  let commits = 0;
  for await (const { commit } of engine.log.feed.scan()) {
    commits++;
    streams.add(commit.stream);
  }
  for (const stream of streams) await engine.log.read(stream);
  const records = await engine.records('counts').list({});
  say(`read ${commits} commits, ${records.length} records`);
  if (mode === 'hold') setInterval(() => undefined, 1_000_000);
  else await engine.close();
} catch (error) {
  say(`${(error as Error).name}: ${(error as Error).message}`);
}
