import { randomUUID } from 'node:crypto';
import type { INestApplicationContext } from '@nestjs/common';
import { bringUpOnly } from '#apps/standalone/src/standalone.js';
import { twoFactorApp } from '#apps/two-factor/src/two-factor.module.js';
import { streamOf } from '#libs/contracts/src/stream.js';
import type { Commit, Engine } from '#libs/engine/src/port.js';
import { actingAs, systemContext } from '#libs/contracts/src/context.js';
import { encodeCommit } from '#libs/event-store/src/commit.js';
import { ENGINE } from '#libs/platform/src/tokens.js';
import { matchStep, timeStepAt } from '#libs/totp/src/totp.js';
import { ChallengeSealer, handlerOf, sealingLike, secondFactorFold, stepsOf } from '../insides.js';
import { answerJobs } from '../process/child.js';
import { accountId, PORTAL, secretOf, wrongCodesOf } from '../seed/accounts.js';
import { concurrently } from '../seed/concurrently.js';
import type { Portal } from '../seed/portal.js';
import { configFor, withStore } from '../seed/stores.js';
import { ingestCost } from './ingest-cost.js';

export interface PartsJob {
  readonly env: Readonly<Record<string, string>>;
  readonly portal: Portal;
  /** Each of which gets the same number of wrong codes, far from the limit. */
  readonly accounts: number;
  readonly operations: number;
}
export interface Part {
  readonly part: string;
  /** Microseconds of all threads for one verification. */
  readonly cpu: number;
}

const WRITERS = 64;

answerJobs<PartsJob, Part[]>(async (job) => {
  const { apps, close } = await bringUpOnly([twoFactorApp], job.env);
  try {
    const app = apps.get('two-factor')!;
    const config = configFor(job.env);
    // a log for appends that are no history, and an audit that has taken in nothing yet
    const beside = { ...config, dataDir: `${config.dataDir}-beside` };
    return await withStore(beside, 'identity', (scratch) =>
      withStore(beside, 'audit', async (audit) => [
        ...(await partsOf(app, scratch, job)),
        { part: 'beside it: audit takes the event in', cpu: await ingestCost(app.get<Engine>(ENGINE), audit, config) },
      ]),
    );
  } finally {
    await close();
  }
});

async function partsOf(app: INestApplicationContext, scratch: Engine, job: PartsJob): Promise<Part[]> {
  const { portal, accounts, operations } = job;
  const seal = sealingLike(app.get(ChallengeSealer), portal.challenges.gateway);
  const attempts = Array.from({ length: accounts }, (_, index) => ({
    challenge: seal(accountId(index)),
    code: wrongCodesOf(secretOf(index), Date.now(), 1, index)[0]!,
  }));
  const [{ challenge, code }] = attempts as [(typeof attempts)[number]];
  const steps = await stepsOf(app, challenge, code);
  const handle = handlerOf(app);

  const { events } = steps.rules();
  const stream = streamOf({ portal: PORTAL, account: accountId(0) });
  const context = actingAs(systemContext(), { kind: 'service', id: portal.serviceId });
  const parts = { fold: secondFactorFold, stream, commitId: randomUUID(), events, context };
  const commit = encodeCommit(null, { ...parts, at: Date.now() });
  const commitOf = (index: number): Commit => ({ ...commit, stream: `append/${index}`, commitId: accountId(index) });

  const one = (part: string, work: () => unknown) => cost(part, operations, 1, async () => work());
  return [
    await one('open the sealed challenge', steps.open),
    await one('facts of policy, two reads of LMDB', steps.facts),
    await one('secret from the vault, read and decrypted', steps.secret),
    await one('TOTP, three windows', () => matchStep(secretOf(0), code, timeStepAt(Date.now()))),
    await one('rules: may it be looked at, decide', steps.rules),
    await one('event: checked, RFC 8785, SHA-256', () => encodeCommit(null, { ...parts, at: Date.now() })),
    await cost(`append to the log, ${WRITERS} at once`, operations, WRITERS, (index) =>
      scratch.log.append(commitOf(index)),
    ),
    await cost(`all of it: the command's handler, ${WRITERS} at once`, operations, WRITERS, async (index) => {
      const attempt = attempts[index % accounts]!;
      await handle(attempt.challenge, attempt.code).catch(() => {});
    }),
  ];
}

/** The first tenth warms up. */
async function cost(part: string, operations: number, atOnce: number, work: (index: number) => Promise<unknown>) {
  const warmUp = Math.ceil(operations / 10);
  await concurrently(warmUp, atOnce, work);
  const before = process.cpuUsage();
  await concurrently(operations, atOnce, (index) => work(warmUp + index));
  const { user, system } = process.cpuUsage(before);
  return { part, cpu: (user + system) / operations };
}
