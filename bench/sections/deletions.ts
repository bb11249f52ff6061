import { join } from 'node:path';
import { Attempts } from '../load/attempts.js';
import type { Steady, SteadyJob } from '../load/steady.js';
import { Worker } from '../process/child.js';
import { caughtUp, OPERATOR_TOKEN, productEnv, startProduct } from '../process/product.js';
import type { Server } from '../process/server.js';
import { cpuOf } from '../process/usage.js';
import { figure, median } from '../report/figures.js';
import { accountId, PORTAL, WRONG_CODES } from '../seed/accounts.js';
import { seed } from '../seed/seed.js';
import { percentiles } from '../servers/in-flight.js';
import type { Context, Found } from './section.js';

/** Far below what the product can do, so that what a deletion takes from a verification shows in its time. */
const PER_SECOND = 300;
const LANES = 32;
/** Of a lane, each with all its attempts: legs of 4.5 seconds, many, as what else the machine does hits some of them. */
const ACCOUNTS = 2;
const LEG = LANES * ACCOUNTS;
/** Some two minutes of deletions at most. */
const MOST_ROUNDS = 28;

interface Leg extends Steady {
  /** Processor time of the product meanwhile, milliseconds. */
  readonly cpuMs: number;
}
interface Round {
  readonly alone: Leg;
  readonly beside: Leg;
  readonly deletions: number;
  readonly deletionsPerSecond: number;
}

/** Verifications at a steady pace, alone and while accounts are deleted one after another, in turn. */
export async function deletions(context: Context): Promise<Found> {
  const { options, engine, folder, say } = context;
  const wanted = options.sizes.deletions;
  const accounts = wanted + (2 * MOST_ROUNDS + 1) * LEG;
  const dataDir = join(folder, 'deletions');
  const env = productEnv(dataDir, engine);
  say(`Making ${figure(accounts)} accounts …`);
  const { portal } = await seed({ env, accounts, adopt: true });
  const attempts = new Attempts(env, portal, accounts - wanted);
  const profiling = options.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${options.profile}`];
  const product = await startProduct(context, dataDir, profiling);
  const client = new Worker(new URL('../load/steady.js', import.meta.url));
  const verifications = async (): Promise<Leg> => {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${portal.serviceToken}` };
    const bodies = attempts.bodies('gateway', LANES, ACCOUNTS);
    const url = `${product.url}/v1/challenges/verify`;
    const before = cpuOf(product.pid);
    const steady = await client.do<SteadyJob, Steady>({ url, headers, bodies, perSecond: PER_SECOND });
    checkAnswers(steady, LEG);
    return { ...steady, cpuMs: ((cpuOf(product.pid) ?? NaN) - (before ?? NaN)) / 1_000 };
  };
  const deleting = new Deleting(product, accounts - wanted, accounts);
  try {
    say('Driving …\n');
    await verifications();
    const rounds: Round[] = [];
    while (deleting.left > 0 && rounds.length < MOST_ROUNDS) {
      await caughtUp(product);
      const alone = await verifications();
      rounds.push({ alone, ...(await deleting.beside(verifications())) });
    }
    return report(rounds, deleting);
  } finally {
    await client.end();
    await product.stop();
  }
}

/** One account after the other, by the operator. */
class Deleting {
  readonly latencies: number[] = [];

  constructor(
    private readonly product: Server,
    private next: number,
    private readonly end: number,
  ) {}

  get left(): number {
    return this.end - this.next;
  }

  /** Until that is through. */
  async beside(other: Promise<Leg>): Promise<Omit<Round, 'alone'>> {
    let through = false;
    const leg = other.finally(() => (through = true));
    const before = this.left;
    const began = performance.now();
    while (!through && this.left > 0) await this.delete(accountId(this.next++));
    const tookMs = performance.now() - began;
    const deletions = before - this.left;
    return { beside: await leg, deletions, deletionsPerSecond: (deletions / tookMs) * 1_000 };
  }

  private async delete(account: string): Promise<void> {
    const began = performance.now();
    const { status } = await fetch(`${this.product.url}/v1/portals/${PORTAL}/accounts/${account}`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${OPERATOR_TOKEN}` },
    });
    if (status !== 204) throw new Error(`a deletion was answered with ${status}`);
    this.latencies.push(performance.now() - began);
  }
}

function checkAnswers({ statuses }: Steady, accounts: number): void {
  if (statuses[200] === accounts && statuses[401] === accounts * WRONG_CODES) return;
  throw new Error(`the answers were not as expected: ${JSON.stringify(statuses)}`);
}

function report(rounds: readonly Round[], { latencies }: Deleting): Found {
  const ratio = median(rounds.map(({ alone, beside }) => beside.p99 / alone.p99));
  const perSecond = median(rounds.map(({ deletionsPerSecond }) => deletionsPerSecond));
  const cpuMs = median(rounds.map(({ alone, beside, deletions: count }) => (beside.cpuMs - alone.cpuMs) / count));
  const deletion = { ...percentiles(latencies), perSecond, cpuMs, count: latencies.length };
  const row = (what: string, legs: readonly Steady[]) => [
    what,
    ...(['p50', 'p99', 'max'] as const).map((member) => figure(median(legs.map((leg) => leg[member])))),
  ];
  const alone = rounds.map((round) => round.alone);
  const beside = rounds.map((round) => round.beside);
  return {
    title: `Verifications, ${PER_SECOND} a second, while ${figure(deletion.count)} accounts are deleted one after another; medians of ${rounds.length} legs`,
    table: [
      ['', 'p50 ms', 'p99 ms', 'longest ms', 'per second', 'server CPU ms'],
      row('verifications alone', alone),
      row('verifications beside deletions', beside),
      ['deletions', figure(deletion.p50), figure(deletion.p99), '', figure(perSecond), figure(cpuMs)],
    ],
    measured: { rounds, deletion, ratio },
    aims: [{ what: 'verifications beside deletions, p99, of alone', value: ratio, unit: '', below: 2 }],
  };
}
