import { join } from 'node:path';
import { inProcess } from '../process/child.js';
import { productEnv } from '../process/product.js';
import { figure } from '../report/figures.js';
import { seed } from '../seed/seed.js';
import type { DirectoryJob, Measured } from './directory-process.js';
import type { Context, Found } from './section.js';

/** What is asked for: by parts of names that many, few and none have, by filters that many and none fit, and by last login. */
const ASKED: DirectoryJob['asked'] = {
  lópez: { query: 'lópez' },
  'chloe.fern': { query: 'chloe.fern' },
  'nobody is called so': { query: 'nobody is called so' },
  Contributors: { filter: { type: 'contributor' } },
  locked: { filter: { status: 'locked' } },
  'by last login': { sort: '-lastLoginAt' },
};
const FEW = 1_000;

/** The accounts of a portal by name: what they cost in memory and at the start of identity, and a page of them. */
export async function directory(context: Context): Promise<Found> {
  const { folder, engine, options } = context;
  const accounts = options.sizes.manyAccounts;
  const few = productEnv(join(folder, 'few-accounts'), engine);
  await seed({ env: few, accounts: FEW, adopt: true });
  const { dataDir } = await context.bigStore();
  const measure = (env: DirectoryJob['env']) =>
    inProcess<DirectoryJob, Measured>(new URL('./directory-process.js', import.meta.url), { env, asked: ASKED });
  const thousand = await measure(few);
  const many = await measure(productEnv(dataDir, engine));
  const ofEach = (many.heapBytes - thousand.heapBytes) / Math.max(accounts - FEW, 1);
  const names = ['first', 'next', ...Object.keys(ASKED)];
  const pages = ({ pageMs }: Measured) => names.map((name) => figure(pageMs[name]!));
  const row = (name: string, { readyInMs, listsAfterMs, heapBytes, summaryMs, ...measured }: Measured) => [
    name,
    ...[readyInMs, listsAfterMs, heapBytes / 1e6, summaryMs].map((value) => figure(value)),
    ...pages({ readyInMs, listsAfterMs, heapBytes, summaryMs, ...measured }),
  ];
  // what few are called is looked for in all names
  const inOrder = names.filter((name) => ASKED[name]?.query === undefined);
  const slowest = Math.max(...inOrder.map((name) => many.pageMs[name]! / thousand.pageMs[name]!));
  return {
    title: `Accounts by name: ${figure(accounts)} in a portal, and ${figure(FEW)}`,
    table: [
      [
        '',
        'ready after ms',
        'lists after ms',
        'heap MB',
        'summary ms',
        'first page ms',
        'next page',
        ...Object.keys(ASKED),
      ],
      row(figure(FEW), thousand),
      row(figure(accounts), many),
      ['of each', '', '', figure(ofEach, 'bytes')],
      ['ratio', '', '', '', '', ...names.map((name) => figure(many.pageMs[name]! / thousand.pageMs[name]!))],
    ],
    measured: { thousand, many, ofEach },
    aims: [
      { what: 'heap, each account in the directory', value: ofEach, unit: 'bytes', below: 500 },
      { what: 'a page of many accounts, times of one of 1,000', value: slowest, unit: 'times', below: 2 },
    ],
  };
}
