import { join } from 'node:path';
import { inProcess } from '../process/child.js';
import { productEnv } from '../process/product.js';
import { figure } from '../report/figures.js';
import type { Context, Found } from './section.js';
import type { Loaded, LoadAccountJob } from './load-account-process.js';

const SHORT = 10;

/** An account of many attempts loads like one of few: from its snapshot. */
export async function loadAccount(context: Context): Promise<Found> {
  const { longStream } = context.options.sizes;
  const env = productEnv(join(context.folder, 'load'), context.engine);
  context.say(`Making an account of ${figure(longStream)} events …\n`);
  const { short, long } = await inProcess<LoadAccountJob, Loaded>(
    new URL('./load-account-process.js', import.meta.url),
    { env, short: SHORT, long: longStream },
  );
  return {
    title: 'Loading an account that is not in memory',
    table: [
      ['', 'µs (median)', 'of the short one'],
      [`${SHORT} events`, figure(short), '1'],
      [`${figure(longStream)} events`, figure(long), figure(long / short)],
    ],
    measured: { short, long, events: longStream },
    aims: [
      {
        what: `loading ${figure(longStream)} events, of loading ${SHORT}`,
        value: long / short,
        unit: '',
        below: 1.2,
      },
    ],
  };
}
