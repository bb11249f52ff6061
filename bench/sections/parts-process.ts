import { CodeReader } from '#apps/two-factor/src/accounts/code-reader.js';
import { secondFactorFold, SecondFactors } from '#apps/two-factor/src/accounts/second-factors.js';
import { ChallengeSealer } from '#apps/two-factor/src/challenge/sealed-challenge.js';
import { PolicyFacts } from '#apps/two-factor/src/policy/policy-facts.js';
import { type Attempt, refuseUnread } from '#apps/two-factor/src/second-factor/attempts.js';
import { decide } from '#apps/two-factor/src/second-factor/decide.js';
import { AttemptOutcomes } from '#apps/two-factor/src/verify/attempt-outcomes.js';
import { VerifyChallenge, VerifyChallengeHandler } from '#apps/two-factor/src/verify/verify-challenge.js';
import type { ChallengePurpose } from '#libs/contracts/src/messages/requests.js';
import { streamOfAccount } from '#libs/contracts/src/stream.js';
import type { Commit, Engine } from '#libs/engine/src/port.js';
import { Aggregates } from '#libs/event-store/src/aggregates.js';
import { encodeCommit } from '#libs/event-store/src/commit.js';
import { SNAPSHOTS } from '#libs/event-store/src/stream/snapshots.js';
import type { Config } from '#libs/platform/src/settings/config.js';
import { Metrics } from '#libs/platform/src/observing/metrics.js';
import { matchStep, timeStepAt } from '#libs/totp/src/totp.js';
import { RecordsVault } from '#libs/vault/src/records-vault.js';
import { answerJobs } from '../process/child.js';
import { accountId, codesOf, LIMIT, PORTAL, secretOf } from '../seed/accounts.js';
import { concurrently } from '../seed/concurrently.js';
import { History } from '../seed/history.js';
import { configFor, withStore } from '../seed/stores.js';
import { ingestCost } from './ingest-cost.js';
import { sampleCommit } from './sample.js';

export interface PartsJob {
  readonly env: Readonly<Record<string, string>>;
  readonly operations: number;
}
export interface Part {
  readonly part: string;
  /** Microseconds of all threads for one verification. */
  readonly cpu: number;
}

const WRITERS = 64;
/** Wrong codes of one account: far from the limit. */
const OF_ONE = 50;

answerJobs<PartsJob, Part[]>(({ env, operations }) => {
  const config = configFor(env);
  return withStore(config, 'two-factor', async (twoFactor) =>
    withStore(config, 'audit', async (audit) =>
      withStore(config, 'identity', async (scratch) => [
        ...(await partsOf(twoFactor, scratch, config, operations)),
        { part: 'beside it: audit takes the event in', cpu: await ingestCost(twoFactor, audit, config) },
      ]),
    ),
  );
});

/** `scratch`: another log, for appends of events that are no history. */
async function partsOf(engine: Engine, scratch: Engine, config: Config, operations: number): Promise<Part[]> {
  const accounts = Math.ceil((operations * 1.2) / OF_ONE);
  const history = new History(engine, config, { accounts, minutes: 0 });
  await concurrently(accounts, WRITERS, (index) => history.enrol(index));
  const facts = new PolicyFacts(engine);
  await facts.adoptPortal(PORTAL, 1, { enabled: true, addOn: true, maxFailedAttempts: LIMIT });
  await concurrently(accounts, WRITERS, (index) => facts.adoptAccount(PORTAL, accountId(index), 1, 'contributor'));

  const aggregates = new Aggregates(secondFactorFold, {
    log: engine.log,
    snapshots: engine.records<never>(SNAPSHOTS),
    clock: Date.now,
  });
  const vault = new RecordsVault(engine, config.vaultKeys);
  const secondFactors = new SecondFactors(aggregates, vault, Date.now);
  const codes = new CodeReader(vault);
  const sealer = new ChallengeSealer(config.vaultKeys);
  const handler = new VerifyChallengeHandler(secondFactors, facts, codes, sealer, new AttemptOutcomes(new Metrics()));

  const purpose: ChallengePurpose = { kind: 'gateway', serviceId: accountId(1), portal: PORTAL };
  const ref = (index: number) => ({ portal: PORTAL, accountId: accountId(index) });
  const expiresAt = Date.now() + 5 * 60_000;
  const opened = { id: accountId(2), portal: PORTAL, account: accountId(0), purpose, epoch: 0, expiresAt };
  const sealed = Array.from({ length: accounts }, (_, index) =>
    sealer.seal({ ...opened, id: accountId(-1 - index), account: accountId(index) }),
  );
  const attempts = sealed.map((challenge, index) => {
    const [wrong = ''] = codesOf(index, Date.now(), 1).wrong;
    return new VerifyChallenge(challenge, purpose, { code: wrong }, accountId(3));
  });
  const { state } = await aggregates.load(streamOfAccount(ref(0)));
  const { enrolment } = state;
  if (enrolment.status !== 'enabled') throw new Error('an account is not enrolled');
  const key = { portal: PORTAL, account: accountId(0), id: enrolment.secretId };
  const policy = await facts.of(ref(0));
  const attempt: Attempt = { purpose: 'gateway', challenge: opened };
  const evidence = { kind: 'totp', matchedStep: null } as const;
  const { events } = decide({ type: 'Verify', policy, attempt, evidence }, state, Date.now());
  const commit = sampleCommit();
  const commitOf = (index: number): Commit => ({ ...commit, stream: `append/${index}`, commitId: accountId(index) });
  const encoded = { fold: secondFactorFold, stream: commit.stream, commitId: commit.commitId, events };
  const origin = { actor: { kind: 'service', id: accountId(1) }, correlationId: accountId(3) } as const;

  const one = (part: string, work: (index: number) => unknown) =>
    cost(part, operations, 1, async (index) => work(index));
  return [
    await one('open the sealed challenge', () => sealer.open(sealed[0]!)),
    await one('facts of policy, two reads of LMDB', () => facts.of(ref(0))),
    await one('secret from the vault, read and decrypted', () => vault.get(key)),
    await one('TOTP, three windows', () => matchStep(secretOf(0), attempts[0]!.typed.code!, timeStepAt(Date.now()))),
    await one('rules: may it be looked at, decide', () => {
      refuseUnread(state, policy, attempt, Date.now());
      decide({ type: 'Verify', policy, attempt, evidence }, state, Date.now());
    }),
    await one('event: checked, RFC 8785, SHA-256', () => encodeCommit(null, { ...encoded, at: Date.now(), origin })),
    await cost(`append to the log, ${WRITERS} at once`, operations, WRITERS, (index) =>
      scratch.log.append(commitOf(index)),
    ),
    await cost(`all of it: the command's handler, ${WRITERS} at once`, operations, WRITERS, async (index) => {
      await handler.execute(attempts[index % accounts]!).catch(() => {});
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
