import { join } from 'node:path';
import { inProcess } from '../process/child.js';
import { productEnv } from '../process/product.js';
import { figure } from '../report/figures.js';
import type { Context, Found } from '../section.js';
import type { Part, PartsJob } from './parts-process.js';

/** What each part of a verification costs, on the product's own components. */
export async function parts(context: Context): Promise<Found> {
  const { operations } = context.options.sizes;
  const env = productEnv(join(context.folder, 'parts'), context.engine);
  const measured = await inProcess<PartsJob, Part[]>(new URL('./parts-process.js', import.meta.url), {
    env,
    operations,
  });
  return {
    title: 'Processor time of the parts of one verification, in process, all threads',
    table: [['', 'µs'], ...measured.map(({ part, cpu }) => [part, figure(cpu)])],
    measured,
    aims: [],
  };
}
