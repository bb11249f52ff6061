import { join } from 'node:path';
import { inProcess } from '../process/child.js';
import { productEnv } from '../process/product.js';
import { figure } from '../report/figures.js';
import { seed } from '../seed/seed.js';
import type { DirectoryJob, Measured } from './directory-process.js';
import type { Context, Found } from './section.js';

/** Which many, few and none have in their names. */
const QUERIES = ['lópez', 'chloe.fern', 'nobody is called so'];

/** The accounts of a portal by name: what they cost in memory and at the start of identity, and a page of them. */
export async function directory(context: Context): Promise<Found> {
  const { folder, engine, options } = context;
  const accounts = options.sizes.manyAccounts;
  const few = productEnv(join(folder, 'few-accounts'), engine);
  await seed({ env: few, accounts: 1, adopt: true });
  const { dataDir } = await context.bigStore();
  const measure = (env: DirectoryJob['env']) =>
    inProcess<DirectoryJob, Measured>(new URL('./directory-process.js', import.meta.url), { env, queries: QUERIES });
  const one = await measure(few);
  const many = await measure(productEnv(dataDir, engine));
  const ofEach = (many.heapBytes - one.heapBytes) / accounts;
  const pages = ({ pageMs }: Measured) => [pageMs.first, pageMs.next, ...pageMs.found].map((ms) => figure(ms));
  return {
    title: `Accounts by name: ${figure(accounts)} in a portal, and one`,
    table: [
      ['', 'ready after ms', 'lists after ms', 'heap MB', 'first page ms', 'next page', ...QUERIES],
      ['one', figure(one.readyInMs), figure(one.listsAfterMs), figure(one.heapBytes / 1e6), ...pages(one)],
      ['all', figure(many.readyInMs), figure(many.listsAfterMs), figure(many.heapBytes / 1e6), ...pages(many)],
      ['of each', '', '', figure(ofEach, 'bytes')],
    ],
    measured: { one, many, ofEach },
    aims: [{ what: 'heap, each account in the directory', value: ofEach, unit: 'bytes', below: 500 }],
  };
}
