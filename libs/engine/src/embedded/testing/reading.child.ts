// Opens the engine at a path as told, reads everything, and says how it went.
import { everything } from '../../testing/commits.js';
import { openEmbeddedEngine } from '../open.js';
import { say } from './say.js';

const [path = '', mode = ''] = process.argv.slice(2);

try {
  const engine = await openEmbeddedEngine({ path, name: 'engine', readOnly: mode === 'read-only' });
  say('open');
  const commits = await everything(engine.log, 512);
  for (const stream of new Set(commits.map(({ commit }) => commit.stream))) await engine.log.read(stream);
  const records = await engine.records('counts').list({});
  say(`read ${commits.length} commits, ${records.length} records`);
  if (mode === 'hold') setInterval(() => undefined, 1_000_000);
  else await engine.close();
} catch (error) {
  say(`${(error as Error).name}: ${(error as Error).message}`);
}
