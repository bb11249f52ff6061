import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { identityApp } from '#apps/identity/src/identity.module.js';
import { bringUpOnly } from '#apps/standalone/src/standalone.js';
import { type AskedPage, Directory } from '../insides.js';
import { answerJobs } from '../process/child.js';
import { median } from '../report/figures.js';
import { PORTAL } from '../seed/accounts.js';

export interface DirectoryJob {
  readonly env: Readonly<Record<string, string>>;
  /** By name. */
  readonly asked: Readonly<Record<string, Omit<AskedPage, 'limit'>>>;
}
export interface Measured {
  /** Until identity without a port is ready. */
  readonly readyInMs: number;
  /** Until the first list of accounts is answered. */
  readonly listsAfterMs: number;
  /** What is used after it, once no garbage is left. */
  readonly heapBytes: number;
  /** Median. */
  readonly summaryMs: number;
  /** Of a page of 50 accounts, median: `first`, `next`, and what was asked. */
  readonly pageMs: Readonly<Record<string, number>>;
}

const PAGE = 50;
const PAGES = 200;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

answerJobs<DirectoryJob, Measured>(async ({ env, asked }) => {
  const began = performance.now();
  const { apps, close } = await bringUpOnly([identityApp], env);
  const readyInMs = performance.now() - began;
  try {
    const directory = apps.get('identity')!.get(Directory);
    await directory.list(PORTAL, { limit: 1 });
    const listsAfterMs = performance.now() - began;
    collectGarbage();
    const heapBytes = process.memoryUsage().heapUsed;
    let after: string | undefined;
    const next = await timed(async () => {
      const page = await directory.list(PORTAL, { limit: PAGE, after });
      after = page.next ?? undefined;
    });
    const first = await timed(() => directory.list(PORTAL, { limit: PAGE }));
    const pageMs: Record<string, number> = { first, next };
    for (const [name, page] of Object.entries(asked)) {
      pageMs[name] = await timed(() => directory.list(PORTAL, { limit: PAGE, ...page }));
    }
    const summaryMs = await timed(() => directory.summary(PORTAL, null));
    return { readyInMs, listsAfterMs, heapBytes, summaryMs, pageMs };
  } finally {
    await close();
  }
});

async function timed(work: () => Promise<unknown>): Promise<number> {
  const took: number[] = [];
  for (let run = 0; run < PAGES; run++) {
    const began = performance.now();
    await work();
    took.push(performance.now() - began);
  }
  return median(took);
}
