import { join } from 'node:path';
import { inProcess } from '../process/child.js';
import { productEnv } from '../process/product.js';
import { figure } from '../report/figures.js';
import { seed } from '../seed/seed.js';
import type { Part, PartsJob } from './parts-process.js';
import type { Context, Found } from './section.js';

/** Wrong codes of one account: far from the limit. */
const OF_ONE = 50;

/** What each part of a verification costs, in the product's own components. */
export async function parts({ options, engine, folder }: Context): Promise<Found> {
  const { operations } = options.sizes;
  const env = productEnv(join(folder, 'parts'), engine);
  const accounts = Math.ceil((operations * 1.2) / OF_ONE);
  const { portal } = await seed({ env, accounts: 2 * accounts, adopt: true });
  const measured = await inProcess<PartsJob, Part[]>(new URL('./parts-process.js', import.meta.url), {
    env,
    portal,
    accounts,
    operations,
  });
  const costWith = (count: number) => measured.find(({ authenticators }) => authenticators === count)!.cpu;
  return {
    title: 'Processor time of the parts of one verification, in process, all threads',
    table: [['', 'µs'], ...measured.map(({ part, cpu }) => [part, figure(cpu)])],
    measured,
    aims: [
      {
        what: 'verification with three authenticators, of one',
        value: costWith(3) / costWith(1),
        unit: '',
        below: 1.6,
      },
    ],
  };
}
