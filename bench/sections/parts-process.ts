import { randomUUID } from 'node:crypto';
import type { INestApplicationContext } from '@nestjs/common';
import { bringUpOnly } from '#apps/standalone/src/standalone.js';
import { twoFactorApp } from '#apps/two-factor/src/two-factor.module.js';
import type { TwoFactorEvent } from '#libs/contracts/src/events/two-factor.js';
import { Problem } from '#libs/contracts/src/problems.js';
import { streamOf } from '#libs/contracts/src/stream.js';
import type { Commit, Engine } from '#libs/engine/src/port.js';
import { actingAs, systemContext } from '#libs/contracts/src/context.js';
import { encodeCommit } from '#libs/event-store/src/commit.js';
import type { SealedEvent } from '#libs/event-store/src/sealing.js';
import { ENGINE } from '#libs/platform/src/tokens.js';
import { matchStep, timeStepAt } from '#libs/totp/src/totp.js';
import { addAuthenticators, ChallengeSealer, handlerOf, sealingLike, secondFactorFold, stepsOf } from '../insides.js';
import { answerJobs } from '../process/child.js';
import { accountId, PORTAL, secretOf, wrongCodesOf } from '../seed/accounts.js';
import { concurrently } from '../seed/concurrently.js';
import type { Portal } from '../seed/portal.js';
import { configFor, withStore } from '../seed/stores.js';
import { ingestCost } from './ingest-cost.js';

export interface PartsJob {
  readonly env: Readonly<Record<string, string>>;
  readonly portal: Portal;
  /** Each of which gets the same number of wrong codes, far from the limit. As many after them get two authenticators more. */
  readonly accounts: number;
  readonly operations: number;
}
export interface Part {
  readonly part: string;
  /** Microseconds of all threads for one verification. */
  readonly cpu: number;
  /** Of a whole verification: how many each account has. */
  readonly authenticators?: number;
}

const WRITERS = 64;
/** One and three authenticators are measured in turn, so that what else the machine does hits both alike. */
const TURNS = 4;

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
  const attempts = Array.from({ length: 2 * accounts }, (_, index) => ({
    challenge: seal(accountId(index)),
    code: wrongCodesOf(secretOf(index), Date.now(), 1, index)[0]!,
  }));
  await concurrently(accounts, WRITERS, (index) =>
    addAuthenticators(app, { portal: PORTAL, accountId: accountId(accounts + index) }, 2),
  );
  const [{ challenge, code }] = attempts as [(typeof attempts)[number]];
  const steps = await stepsOf(app, challenge, code);
  const handle = handlerOf(app);

  // an attempt says nothing of a person that would be sealed
  const events = steps.rules().events as SealedEvent<TwoFactorEvent>[];
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
    ...(await inTurns(whole, operations, async (half, index) => {
      const attempt = attempts[half * accounts + (index % accounts)]!;
      await handle(attempt.challenge, attempt.code).catch(lookedAt);
    })),
  ];
}

/** What was refused for another reason was no verification. */
function lookedAt(error: unknown): void {
  if (!(error instanceof Problem && error.code === 'wrong-code')) throw error;
}

const whole = [
  { part: `all of it: the command's handler, ${WRITERS} at once`, authenticators: 1 },
  { part: 'the same, of accounts with three authenticators', authenticators: 3 },
];

async function inTurns(
  parts: readonly Omit<Part, 'cpu'>[],
  operations: number,
  work: (part: number, index: number) => Promise<unknown>,
): Promise<Part[]> {
  const costs = parts.map(() => 0);
  for (let turn = 0; turn < TURNS; turn++) {
    for (const [n, { part }] of parts.entries()) {
      const { cpu } = await cost(part, Math.ceil(operations / TURNS), WRITERS, (index) => work(n, index));
      costs[n]! += cpu / TURNS;
    }
  }
  return parts.map((part, n) => ({ ...part, cpu: costs[n]! }));
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
