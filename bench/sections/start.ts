import { join } from 'node:path';
import { startProduct } from '../process/product.js';
import { cpuOf } from '../process/usage.js';
import { figure, median } from '../report/figures.js';
import type { Context, Found } from './section.js';

const STARTS = 5;

interface Start {
  readonly ms: number;
  /** Processor time until then, ms. */
  readonly cpuMs: number | null;
}

/** From the start of the built product until it serves. */
export async function start(context: Context): Promise<Found> {
  const { dataDir, events } = await context.bigStore();
  const empty: Start[] = [];
  const again: Start[] = [];
  const big: Start[] = [];
  for (let round = 0; round < STARTS; round++) {
    const fresh = join(context.folder, `start-${round}`);
    empty.push(await oneStart(context, fresh));
    again.push(await oneStart(context, fresh));
    big.push(await oneStart(context, dataDir));
  }
  const row = (what: string, starts: readonly Start[]) => [
    what,
    figure(median(starts.map(({ ms }) => ms))),
    figure(Math.min(...starts.map(({ ms }) => ms))),
    figure(median(starts.map(({ cpuMs }) => cpuMs ?? NaN))),
  ];
  const aim = (what: string, starts: readonly Start[]) => ({
    what,
    value: median(starts.map(({ ms }) => ms)) / 1_000,
    unit: 's',
    below: 2,
  });
  return {
    title: `From the start of the process until it serves (${STARTS} starts in turn)`,
    table: [
      ['', 'median ms', 'least ms', 'CPU ms'],
      row('nothing there', empty),
      row('an empty log', again),
      row(`a log of ${figure(events)} events`, big),
    ],
    measured: { empty, again, big },
    aims: [aim('start, nothing there', empty), aim('start, the big log', big)],
  };
}

async function oneStart(context: Context, dataDir: string): Promise<Start> {
  const product = await startProduct(context, dataDir);
  const cpu = cpuOf(product.pid);
  await product.stop();
  return { ms: product.startedInMs, cpuMs: cpu === null ? null : cpu / 1_000 };
}
