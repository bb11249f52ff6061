// Appends without end to the engine at a path, and names each commit that was acknowledged.
import { commitOf } from '../../testing/commits.js';
import { openEmbeddedEngine } from '../open.js';
import { say } from './say.js';

const [path = '', writers = '8', run = ''] = process.argv.slice(2);

const engine = await openEmbeddedEngine({ path, name: 'engine' });
const records = engine.records<number>('counts');
say('open');
try {
  await Promise.all(
    Array.from({ length: Number(writers) }, async (_, writer) => {
      const stream = `portal/${run}-${writer}`;
      for (let version = 1; ; version++) {
        const commit = commitOf({ stream, version, events: [JSON.stringify({ version, padding: 'x'.repeat(500) })] });
        await engine.log.append(commit);
        say(`commit ${stream} ${version} ${commit.commitId}`);
        await records.put([stream], version);
        say(`record ${stream} ${version}`);
      }
    }),
  );
} catch (error) {
  say(`failed ${(error as Error).name}: ${(error as Error).message}`);
  await engine.log.append(commitOf({ stream: 'portal/after' })).then(
    () => say('appended again'),
    (again: Error) => say(`refused ${again.name}: ${again.message}`),
  );
  await engine.check().then(
    () => say('check passes'),
    (unwell: Error) => say(`check ${unwell.name}: ${unwell.message}`),
  );
  say(`read ${(await engine.log.read(`portal/${run}-0`)).length}`);
  await engine.close();
  say('closed');
}
