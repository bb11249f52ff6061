import type { mongo } from 'mongoose';
import { commitsOf, commitOf } from '../testing/commits.js';
import { documentOf } from './log/commit-document.js';
import type { BareEngine } from './testing/with-mongo.js';
import { withMongo } from './testing/with-mongo.js';

interface Query {
  readonly collection: string;
  readonly filter: mongo.Document;
  readonly options: { readonly sort?: mongo.Sort; readonly hint?: mongo.Hint; readonly limit?: number };
}

/** What a command looks for; one for each statement of an update or a delete. */
function queriesOf({ commandName, command }: mongo.CommandStartedEvent): Query[] {
  const sent = command as Record<string, unknown>;
  const collection = String(sent[commandName]);
  if (commandName === 'find') {
    const { filter, sort, hint, limit } = sent as {
      filter: mongo.Document;
      sort: mongo.Sort;
      hint: mongo.Hint;
      limit: number;
    };
    return [{ collection, filter, options: { ...(sort && { sort }), ...(hint && { hint }), ...(limit && { limit }) } }];
  }
  const statements = (sent.updates ?? sent.deletes ?? []) as { q: mongo.Document; hint?: mongo.Hint }[];
  return statements.map(({ q, hint }) => ({ collection, filter: q, options: hint ? { hint } : {} }));
}

/** Two queries of one shape differ in values alone. */
function shapeOf({ collection, filter, options }: Query): string {
  const fields = Object.entries(filter).map(([name, asked]: [string, unknown]) => {
    const operators = isOperators(asked) ? Object.keys(asked).join(' ') : '=';
    return `${name} ${operators}`;
  });
  return `${collection.split('.')[1]}: ${fields.join(', ')} ${JSON.stringify({ ...options, limit: options.limit ? 'n' : undefined })}`;
}

const isOperators = (asked: unknown): asked is Record<string, unknown> =>
  typeof asked === 'object' && asked !== null && Object.keys(asked).some((name) => name.startsWith('$'));

/** The stages of the plan that won, and of those beneath. */
async function planOf({ connection }: BareEngine, { collection, filter, options }: Query): Promise<string[]> {
  const { sort, hint, limit } = options;
  let cursor = connection.collection(collection).find(filter);
  if (sort !== undefined) cursor = cursor.sort(sort);
  if (hint !== undefined) cursor = cursor.hint(hint);
  if (limit !== undefined) cursor = cursor.limit(limit);
  const { queryPlanner } = (await cursor.explain('queryPlanner')) as { queryPlanner: { winningPlan: unknown } };
  return [...JSON.stringify(queryPlanner.winningPlan).matchAll(/"stage":"(\w+)"/g)].map(([, stage]) => stage ?? '');
}

await withMongo('indexes in MongoDB', ({ openBare }) => {
  it('serve every query that the engine makes', async () => {
    const bare = await openBare();
    await useEverything(bare);
    const queries = new Map(bare.sent.flatMap(queriesOf).map((query) => [shapeOf(query), query]));
    expect([...queries.keys()].filter((shape) => shape.startsWith('commits')).length).toBeGreaterThan(7);
    expect([...queries.keys()].filter((shape) => shape.startsWith('records')).length).toBeGreaterThan(5);
    for (const [shape, query] of queries) {
      const plan = await planOf(bare, query);
      expect({ shape, scans: plan.filter((stage) => stage.endsWith('SCAN') && !stage.endsWith('IXSCAN')) }).toEqual({
        shape,
        scans: [],
      });
      expect({ shape, plan }).toEqual({
        shape,
        plan: expect.arrayContaining([expect.stringMatching(/IXSCAN|IDHACK/)]),
      });
    }
  });

  it('are what the plan of a query without one does not tell of', async () => {
    const bare = await openBare();
    await useEverything(bare);
    const query = { collection: bare.commits.collectionName, filter: { commitId: 'none' }, options: {} };
    expect(await planOf(bare, query)).toContain('COLLSCAN');
  });

  it('are made when the engine is opened, and left alone when it is opened again', async () => {
    const expected = [{ _id: 1 }, { stream: 1, version: 1 }, { answers: 1 }, { pending: 1 }, { position: 1 }];
    for (const bare of [await openBare(), await openBare()]) {
      const indexes = await bare.commits.indexes();
      expect(indexes.map(({ key }) => key as object)).toEqual(expect.arrayContaining(expected));
      expect(indexes).toHaveLength(expected.length);
    }
  });
});

/** Each way into the log, the feed and the records, in every variant that asks something else of the server. */
async function useEverything({ engine, commits }: BareEngine): Promise<void> {
  const { log } = engine;
  // of another process: the feed has to be read for it
  await commits.insertOne(documentOf(commitOf({ stream: 'portal/d' }), null));
  for (const commit of commitsOf('portal/a', [1, 3, 1])) await log.append(commit);
  const command = { id: 'x', digest: 'd', answer: null };
  const asked = commitOf({ stream: 'portal/b', metadata: { command } });
  await log.append(asked);
  await log.append(asked);
  await log.append(commitOf({ stream: 'portal/a', version: 9 })).catch(() => undefined);
  await log.append(commitOf({ stream: 'portal/c', version: 2 })).catch(() => undefined);
  await log.read('portal/a');
  await log.read('portal/a', 3);
  await log.head('portal/a');
  await log.head('nobody');
  await log.findCommand('portal/b', 'x');
  for (let after = 0; ;) {
    const items = await log.feed.read(after, 2);
    if (items.length === 0) break;
    after = items.at(-1)?.position ?? after;
  }

  const records = engine.records<number>('things');
  await records.put(['a', 1], 1);
  await records.create(['a', 2], 2);
  await records.replace(['a', 2], 2, 3);
  await records.get(['a', 2]);
  await Promise.all([records.get(['a', 2]), engine.records('others').get(['a', 2])]);
  await records.write([{ put: ['a', 3], value: 3 }, { delete: ['a', 1] }]);
  const [prefix, after, limit] = [['a'], ['a', 2], 2];
  for (const reverse of [false, true]) {
    await records.list({ reverse });
    await records.list({ prefix, reverse });
    await records.list({ after, reverse, limit });
    await records.list({ prefix, after, reverse, limit });
  }
  await records.delete(['a', 2]);
  await records.clear();
}
